import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { mbrEntryOffset } from '../../host/disk/mbr-entries.ts'
import { backupTableSize, sectorSize } from '../geometry.ts'

/** Of the header (UEFI 2.10, 5.3.2): its size, its checksum, where the other header is, and the last sector for partitions. */
const fields = { size: 12, checksum: 16, other: 32, lastUsable: 48 } as const

/**
 * The first sectors of a base whose disk is larger than the image will be, as they would be on a disk of `diskBytes`: sfdisk
 * takes no GPT that reaches beyond its disk for one. The table behind the last partition is made by sfdisk.
 */
export const shortenedGpt = (head: Buffer, diskBytes: number): Buffer => {
  const shortened = Buffer.from(head)
  const sectors = diskBytes / sectorSize
  for (const number of [1, 2, 3, 4]) {
    const entry = mbrEntryOffset(number)
    if (shortened[entry + 4] !== 0xee) continue
    const start = shortened.readUInt32LE(entry + 8)
    shortened.writeUInt32LE(Math.min(sectors - start, 0xffffffff), entry + 12)
  }
  const header = shortened.subarray(sectorSize, 2 * sectorSize)
  header.writeBigUInt64LE(BigInt(sectors - 1), fields.other)
  header.writeBigUInt64LE(BigInt(sectors - backupTableSize / sectorSize - 1), fields.lastUsable)
  header.writeUInt32LE(0, fields.checksum)
  header.writeUInt32LE(crc32(header.subarray(0, header.readUInt32LE(fields.size))), fields.checksum)
  return shortened
}
