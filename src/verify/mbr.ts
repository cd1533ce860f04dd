import { Buffer } from 'node:buffer'
import { mbrEntryOffset } from '../host/disk/mbr-entries.ts'
import type { GptPartition } from './gpt.ts'
import { sectorSize } from './gpt.ts'

/** One used entry of an MBR. */
export interface MbrEntry {
  /** 1 to 4. */
  readonly number: number
  /** 0x0c: FAT32; 0x83: Linux; 0xee: a GPT is there. */
  readonly type: number
  readonly firstSector: number
  readonly sectors: number
}

const protective = 0xee

/** The used entries of a disk's first sector; or a sentence that says why it is no MBR. */
export const parseMbr = (sector: Uint8Array): readonly MbrEntry[] | string => {
  const bytes = Buffer.from(sector)
  if (bytes.length < sectorSize || bytes.readUInt16LE(510) !== 0xaa55) return 'no MBR'
  return [0, 1, 2, 3].flatMap((index) => {
    const start = mbrEntryOffset(index + 1)
    const type = bytes.readUInt8(start + 4)
    if (type === 0) return []
    const firstSector = bytes.readUInt32LE(start + 8)
    return [{ number: index + 1, type, firstSector, sectors: bytes.readUInt32LE(start + 12) }]
  })
}

/** `protective`: nothing but the entry that keeps old programs away from a GPT; `hybrid`: partitions beside it. */
export const mbrKind = (entries: readonly MbrEntry[]): 'protective' | 'hybrid' | 'other' => {
  if (!entries.some(({ type, firstSector }) => type === protective && firstSector === 1)) return 'other'
  return entries.length === 1 ? 'protective' : 'hybrid'
}

const sameSectors = (entry: MbrEntry | undefined, partition: GptPartition | undefined): boolean =>
  entry !== undefined &&
  partition !== undefined &&
  entry.firstSector * sectorSize === partition.offset &&
  entry.sectors * sectorSize === partition.size

export interface TableForm {
  readonly mbr: readonly MbrEntry[]
  readonly entriesLba: number
  readonly firstUsableLba: number
  readonly partitions: readonly GptPartition[]
}

/**
 * What the firmware of some Raspberry Pi would stumble over, in one sentence; undefined for a table that all of them read.
 * The rules, each from a board that hung:
 *   - entry 1 of the MBR is a FAT32, and boot (firmware#1457: releases of 2020 read nothing else on a hybrid disk)
 *   - 0xEE is neither first nor last of the entries (firmware#1465: second stages choke on it)
 *   - entries 1 and 2 are the sectors of the GPT's boot and root-a: whichever half is read, it is the same disk
 *   - the GPT's entries are at sector 2 (rpi-eeprom#585: the Pi 5 looks there whatever the header says), and stay there,
 *     since its first usable sector is 34: Windows moves the entries of a disk where it is another one
 */
export const raspberryPiFault = ({
  mbr,
  entriesLba,
  firstUsableLba,
  partitions,
}: TableForm): string | undefined => {
  const [first, second, third] = [1, 2, 3].map((wanted) => mbr.find(({ number }) => number === wanted))
  const named = (name: string): GptPartition | undefined => partitions.find((each) => each.name === name)
  if (first?.type !== 0x0c || !sameSectors(first, named('boot'))) return 'entry 1 of its MBR is not boot'
  if (second?.type !== 0x83 || !sameSectors(second, named('root-a')))
    return 'entry 2 of its MBR is not root-a'
  const start = Math.min(...partitions.map(({ offset }) => offset)) / sectorSize
  if (third?.type !== protective || third.firstSector !== 1 || third.firstSector + third.sectors > start)
    return 'entry 3 of its MBR does not announce the GPT'
  if (entriesLba !== 2) return `the entries of its GPT are at sector ${entriesLba}, not 2`
  if (firstUsableLba !== 34) return `the first usable sector of its GPT is ${firstUsableLba}, not 34`
  return undefined
}
