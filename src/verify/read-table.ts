import type { Host } from '../host/host.ts'
import type { Gpt, GptPartition } from './gpt.ts'
import { parseGptEntries, parseGptHeader, sectorSize } from './gpt.ts'
import type { MbrEntry } from './mbr.ts'
import { parseMbr } from './mbr.ts'

/** One copy of the partition table, read from a file. */
export interface TableCopy {
  readonly gpt: Gpt
  readonly partitions: readonly GptPartition[]
}

export interface DiskTable {
  readonly sizeBytes: number
  /** Used entries of the MBR. */
  readonly mbr: readonly MbrEntry[] | string
  /** A sentence where a copy cannot be read. */
  readonly primary: TableCopy | string
  /** Looked for where the first copy says, and at the end of the file. */
  readonly backup: TableCopy | string
}

const readCopy = async (host: Host, path: string, lba: number): Promise<TableCopy | string> => {
  const gpt = parseGptHeader(await host.files.readRange(path, lba * sectorSize, sectorSize))
  if (typeof gpt === 'string') return gpt
  if (gpt.ownLba !== lba) return 'a GPT header that belongs in another place'
  const entries = await host.files.readRange(path, gpt.entriesLba * sectorSize, gpt.entriesSize)
  const partitions = parseGptEntries(gpt, entries)
  return typeof partitions === 'string' ? partitions : { gpt, partitions }
}

/** Both copies of the table of a raw image or disk. */
export const readDiskTable = async (host: Host, path: string, sizeBytes: number): Promise<DiskTable> => {
  const primary = await readCopy(host, path, 1)
  const last = Math.floor(sizeBytes / sectorSize) - 1
  const said = typeof primary === 'string' ? last : primary.gpt.otherLba
  const first =
    said <= last ? await readCopy(host, path, said) : 'no GPT header: the file ends before its place'
  const backup = typeof first === 'string' && said !== last ? await readCopy(host, path, last) : first
  const mbr = parseMbr(await host.files.readRange(path, 0, sectorSize))
  return { sizeBytes, mbr, primary, backup }
}
