import { Buffer } from 'node:buffer'
import { linkSpan, readLogicalChain } from '../../host/disk/logical-chain.ts'
import { readSfdiskTable } from '../../host/disk/sfdisk-table.ts'
import type { RandomAccessFile } from '../../host/files.ts'
import type { Host } from '../../host/host.ts'
import type { BaseImagePlan, BasePartition } from '../../plan/build-plan.ts'
import { isExtended, usedBytes } from '../../plan/build-plan.ts'
import { sectorSize } from '../geometry.ts'
import type { PartitionTable } from '../partition-table.ts'
import { quietSfdisk } from '../quiet-sfdisk.ts'
import type { Span } from './changed-byte.ts'
import { changedByte } from './changed-byte.ts'

/** The partition of a base's MBR that holds others of it, if it has one. */
export const extendedOf = ({ table, partitions }: BaseImagePlan): BasePartition | undefined =>
  table === 'mbr' ? partitions.find(isExtended) : undefined

/** The sectors that describe logical partitions, in the order of their numbers. */
export type Chain = readonly { readonly offset: number; readonly bytes: Buffer }[]

/** The chain in an MBR's extended partition; of one that is empty, the sector where it would begin. */
export const readChain = async (host: Host, path: string): Promise<Chain> => {
  const entries = (await readSfdiskTable(host, path))?.entries ?? []
  const extended = entries.find(isExtended)
  if (extended === undefined) return []
  const logical = entries.filter(({ number }) => number > 4)
  const offsets = await readLogicalChain(host, path, extended, logical)
  if (offsets === undefined)
    throw new Error(`${path} has another chain of logical partitions than sfdisk sees`)
  return Promise.all(
    offsets.map(async (offset) => ({
      offset,
      bytes: Buffer.from(await host.files.readRange(path, offset, sectorSize)),
    })),
  )
}

/** What sfdisk needs of a base to add to its chain, beside the first sectors. */
export const writeChain = async (file: RandomAccessFile, chain: Chain): Promise<void> => {
  for (const { offset, bytes } of chain) await file.write(bytes, offset)
}

/** What may differ in the MBR's entry of an extended partition that is stretched: its end, and cylinder, head and sector of its start. */
export const stretchSpans = (entry: number): readonly Span[] => [
  [entry + 1, entry + 4],
  [entry + 5, entry + 8],
  [entry + 12, entry + 16],
]

/** An extended partition grows, or shrinks over what it does not use, to the end of the image. */
export const stretchExtended = async (
  host: Host,
  path: string,
  extended: BasePartition,
  imageSize: number,
): Promise<void> => {
  await host.exec(quietSfdisk('-N', String(extended.number), path), {
    input: `size=${(imageSize - extended.offset) / sectorSize}\n`,
    doing: 'stretch the extended partition of the base image',
  })
}

/**
 * The sectors of a chain that ours are new in or linked from. Of the base's own none but the last one may differ, and in it
 * nothing but the link; one that described nothing may.
 */
export const addedLinks = (
  before: Chain,
  after: Chain,
  image: Pick<BaseImagePlan, 'partitions'>,
): PartitionTable['pieces'] => {
  const isEmpty = !image.partitions.some(({ number }) => number > 4)
  for (const [index, { offset, bytes }] of before.entries()) {
    const own = after[index]
    if (own?.offset !== offset) throw new Error(`sfdisk moved link ${index} of the base image`)
    const isLast = index === before.length - 1
    const changeable: readonly Span[] = isLast ? [isEmpty ? [446, sectorSize] : linkSpan] : []
    const changed = changedByte(bytes, own.bytes, changeable)
    if (changed !== undefined) throw new Error(`sfdisk changed byte ${offset + changed} of the base image`)
  }
  const early = after.slice(before.length).find(({ offset }) => offset < usedBytes(image))
  if (early !== undefined) throw new Error(`sfdisk put a link over the base image at byte ${early.offset}`)
  return after.slice(Math.max(0, before.length - 1))
}
