import { Buffer } from 'node:buffer'
import type { Host } from '../host.ts'

/** For tests: MBRs as other programs than sfdisk write them, sector by sector. */

/** Sectors of 512 bytes. */
export interface MbrPartition {
  readonly number: number
  readonly type: number
  readonly start: number
  readonly size: number
}

export interface LogicalPartition {
  /** The sector that describes it; the first one's is where the extended partition starts. */
  readonly link: number
  readonly start: number
  readonly size: number
}

const sectorSize = 512

const putEntry = (sector: Buffer, index: number, type: number, start: number, size: number): void => {
  const at = 446 + index * 16
  // Cylinder, head and sector as nobody computes them: what is not changed stays so.
  sector.set([0, 1, 2, 3, type, 4, 5, 6], at)
  sector.writeUInt32LE(start, at + 8)
  sector.writeUInt32LE(size, at + 12)
}

const bootSector = (): Buffer => {
  const sector = Buffer.alloc(sectorSize)
  sector.write('boot code')
  sector.writeUInt16LE(0xaa55, 510)
  return sector
}

/** A sparse disk with these partitions, and bytes of the base's where each begins and ends; `logical` in the order of their chain. */
export const makeMbrDisk = async (
  host: Host,
  path: string,
  disk: {
    readonly sectors: number
    readonly partitions: readonly MbrPartition[]
    /** Number of the partition that they are in. */
    readonly extended?: number
    readonly logical?: readonly LogicalPartition[]
  },
): Promise<void> => {
  const { sectors, partitions, logical = [] } = disk
  const mbr = bootSector()
  mbr.writeUInt32LE(0x1234abcd, 440)
  for (const { number, type, start, size } of partitions) putEntry(mbr, number - 1, type, start, size)
  const base = partitions.find(({ number }) => number === disk.extended)?.start ?? 0
  const file = await host.files.open(path, 'create')
  await file.truncate(sectors * sectorSize)
  await file.write(mbr, 0)
  const own = partitions.filter(({ number }) => number !== disk.extended)
  for (const { start, size } of [...own, ...logical]) {
    await file.write(Buffer.alloc(sectorSize, 'first'), start * sectorSize)
    await file.write(Buffer.alloc(sectorSize, 'last'), (start + size - 1) * sectorSize)
  }
  for (const [index, { link, start, size }] of logical.entries()) {
    const sector = bootSector()
    putEntry(sector, 0, 0x83, start - link, size)
    const next = logical[index + 1]
    if (next !== undefined) putEntry(sector, 1, 0x05, next.link - base, next.start + next.size - next.link)
    await file.write(sector, link * sectorSize)
  }
  await file.close()
}
