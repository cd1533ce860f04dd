import { Buffer } from 'node:buffer'
import type { Host } from '../host.ts'
import { mbrEntryOffset } from './mbr-entries.ts'
import type { TableEntry } from './sfdisk-table.ts'

type Place = Pick<TableEntry, 'offset' | 'size'>

const sectorSize = 512
const signature = 0xaa55

/** Where the four entries of an MBR or EBR begin in its sector. */
const entryStart = (index: number): number => mbrEntryOffset(index + 1)

/** Where in an EBR its link to the next one is, bytes. */
export const linkSpan = [entryStart(1), entryStart(2)] as const

const isZero = (sector: Buffer, index: number): boolean =>
  sector.subarray(entryStart(index), entryStart(index + 1)).every((byte) => byte === 0)

const sectorsAt = (sector: Buffer, index: number): Place => ({
  offset: sector.readUInt32LE(entryStart(index) + 8) * sectorSize,
  size: sector.readUInt32LE(entryStart(index) + 12) * sectorSize,
})

/**
 * Logical partitions of an MBR are a chain of sectors (EBR) in an extended partition: the first entry of each is its partition,
 * counted from itself, the second the next EBR, counted from the start of the extended partition.
 *
 * Returns where these sectors begin, bytes; of an extended partition with nothing in it, where the first one would. Undefined for
 * a chain that programs read in different ways or write anew: with empty links, further entries, or other partitions than sfdisk
 * has found. `logical`: what it has found, by number.
 */
export const readLogicalChain = async (
  host: Host,
  path: string,
  extended: Place,
  logical: readonly Place[],
): Promise<readonly number[] | undefined> => {
  const read = async (offset: number): Promise<Buffer> =>
    Buffer.from(await host.files.readRange(path, offset, sectorSize))
  const chain = [extended.offset]
  if (logical.length === 0) {
    const sector = await read(extended.offset)
    return [0, 1, 2, 3].every((index) => isZero(sector, index)) ? chain : undefined
  }
  for (const [index, { offset, size }] of logical.entries()) {
    const own = chain[index] ?? 0
    const sector = await read(own)
    if (sector.length < sectorSize || sector.readUInt16LE(sectorSize - 2) !== signature) return undefined
    const place = sectorsAt(sector, 0)
    const isLast = index === logical.length - 1
    const isPlain = isZero(sector, 1) === isLast && isZero(sector, 2) && isZero(sector, 3)
    if (!isPlain || own + place.offset !== offset || place.size !== size) return undefined
    if (!isLast) chain.push(extended.offset + sectorsAt(sector, 1).offset)
  }
  return chain
}
