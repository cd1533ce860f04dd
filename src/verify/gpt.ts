import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'

export interface GptPartition {
  readonly number: number
  readonly name: string
  readonly typeGuid: string
  readonly guid: string
  /** Bytes. */
  readonly offset: number
  readonly size: number
}

export interface Gpt {
  readonly diskGuid: string
  /** Sector of this header and of the other copy. */
  readonly ownLba: number
  readonly otherLba: number
  /** Where its entries start. */
  readonly entriesLba: number
  readonly entriesSize: number
  readonly firstUsableLba: number
  readonly lastUsableLba: number
  readonly entriesCrc: number
  readonly entryCount: number
  readonly entrySize: number
}

export const sectorSize = 512

/** Mixed-endian text form: the first three groups are little-endian on disk (UEFI 2.10, appendix A). */
const guidAt = (bytes: Buffer, offset: number): string => {
  const groups = [
    Buffer.from(bytes.subarray(offset, offset + 4)).reverse(),
    Buffer.from(bytes.subarray(offset + 4, offset + 6)).reverse(),
    Buffer.from(bytes.subarray(offset + 6, offset + 8)).reverse(),
    bytes.subarray(offset + 8, offset + 10),
    bytes.subarray(offset + 10, offset + 16),
  ]
  return groups.map((group) => group.toString('hex')).join('-')
}

const lbaAt = (bytes: Buffer, offset: number): number => Number(bytes.readBigUInt64LE(offset))

/** A GPT header from its sector; or a sentence that says why it is none. */
export const parseGptHeader = (sector: Uint8Array): Gpt | string => {
  const bytes = Buffer.from(sector)
  if (bytes.length < sectorSize || bytes.toString('latin1', 0, 8) !== 'EFI PART') return 'no GPT header'
  const headerSize = bytes.readUInt32LE(12)
  if (headerSize < 92 || headerSize > sectorSize) return 'a GPT header of impossible size'
  const covered = Buffer.from(bytes.subarray(0, headerSize))
  covered.writeUInt32LE(0, 16)
  if (crc32(covered) !== bytes.readUInt32LE(16)) return 'a GPT header with a wrong checksum'
  const entryCount = bytes.readUInt32LE(80)
  const entrySize = bytes.readUInt32LE(84)
  if (entryCount > 1024 || entrySize < 128 || entrySize > 4096) return 'a GPT header of impossible entries'
  return {
    diskGuid: guidAt(bytes, 56),
    ownLba: lbaAt(bytes, 24),
    otherLba: lbaAt(bytes, 32),
    firstUsableLba: lbaAt(bytes, 40),
    lastUsableLba: lbaAt(bytes, 48),
    entriesLba: lbaAt(bytes, 72),
    entriesSize: entryCount * entrySize,
    entriesCrc: bytes.readUInt32LE(88),
    entryCount,
    entrySize,
  }
}

/** The partitions of a table, in the order of its entries; or a sentence. */
export const parseGptEntries = (gpt: Gpt, entries: Uint8Array): readonly GptPartition[] | string => {
  const bytes = Buffer.from(entries)
  if (bytes.length < gpt.entriesSize) return 'GPT entries cut short'
  if (crc32(bytes.subarray(0, gpt.entriesSize)) !== gpt.entriesCrc) return 'GPT entries with a wrong checksum'
  const partitions: GptPartition[] = []
  for (let index = 0; index < gpt.entryCount; index += 1) {
    const start = index * gpt.entrySize
    const typeGuid = guidAt(bytes, start)
    if (/^[0-]+$/.test(typeGuid)) continue
    const first = lbaAt(bytes, start + 32)
    const last = lbaAt(bytes, start + 40)
    partitions.push({
      number: index + 1,
      name: bytes.toString('utf16le', start + 56, start + 128).replace(/\0.*$/s, ''),
      typeGuid,
      guid: guidAt(bytes, start + 16),
      offset: first * sectorSize,
      size: (last - first + 1) * sectorSize,
    })
  }
  return partitions
}
