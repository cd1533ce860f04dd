import type { SfdiskTable, TableEntry } from '../../../host/disk/sfdisk-table.ts'
import { readSfdiskTable } from '../../../host/disk/sfdisk-table.ts'
import type { Host } from '../../../host/host.ts'
import { isExtended } from '../../base-image/extended-partition.ts'
import type { BasePartition, LockedBaseImage } from '../../base-image/locked-base-image.ts'
import { freeNumbers } from './free-numbers.ts'
import type { ImageFault } from './image-fault.ts'
import { isLogical, nextLogical } from './logical-numbers.ts'

export type DiskTable = Pick<LockedBaseImage, 'table' | 'diskId' | 'firstNumber'> & {
  readonly partitions: readonly Omit<BasePartition, 'fileSystem' | 'label'>[]
}

const sectorSize = 512

const unsound = (message: string, help: string): ImageFault => ({ code: 'L0076', message, help })
const noRoom = (message: string): ImageFault => ({
  code: 'L0077',
  message,
  help: 'convert the image to GPT where its boot loader allows it, or make room by hand',
})

/** As every tool makes them (UEFI 2.10, 5.3.1: room for at least 16 KiB of them), and as many as the backup at the end of an image holds. */
const mostEntries = 128

/** Entries of a GPT, a number in its header (UEFI 2.10, 5.3.2) that sfdisk does not print. */
export const gptEntries = async (host: Host, path: string): Promise<number> => {
  const bytes = await host.files.readRange(path, sectorSize + 80, 4)
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true)
}

/** Of partitions of which none is the place of others. */
const overlapFault = (partitions: readonly TableEntry[], diskBytes: number): ImageFault | undefined => {
  const sorted = partitions.toSorted((a, b) => a.offset - b.offset)
  for (const [index, part] of sorted.entries()) {
    if (part.offset + part.size > diskBytes) {
      return unsound(
        `partition ${part.number} ends at byte ${part.offset + part.size}, and the disk at ${diskBytes}`,
        'the image is cut short: get it again',
      )
    }
    const next = sorted[index + 1]
    if (next !== undefined && next.offset < part.offset + part.size) {
      return unsound(
        `partitions ${part.number} and ${next.number} lie over one another`,
        'mend the partition table of the image with sfdisk, or get the image again',
      )
    }
  }
  return undefined
}

/** Logical partitions lie in an extended one, and neither over one another nor over the others. */
const placeFault = ({ label, entries }: SfdiskTable, diskBytes: number): ImageFault | undefined => {
  if (label === 'gpt') return overlapFault(entries, diskBytes)
  const logical = entries.filter(isLogical)
  const fault =
    overlapFault(
      entries.filter((entry) => !isLogical(entry)),
      diskBytes,
    ) ?? overlapFault(logical, diskBytes)
  if (fault !== undefined) return fault
  const extended = entries.find(isExtended)
  const outside = logical.find(
    ({ offset, size }) =>
      extended === undefined || offset <= extended.offset || offset + size > extended.offset + extended.size,
  )
  return outside === undefined
    ? undefined
    : unsound(
        `partition ${outside.number} is not within the extended partition that names it`,
        'mend the partition table of the image with sfdisk, or get the image again',
      )
}

/** The number that the payload gets, seed and data the next ones. Logical partitions of an MBR begin with 5. */
const firstNumber = async (
  host: Host,
  path: string,
  { label, entries: partitions }: SfdiskTable,
  numbers: readonly number[],
): Promise<number | ImageFault> => {
  if (label === 'gpt') {
    const entries = await gptEntries(host, path)
    if (entries > mostEntries)
      return unsound(
        `its GPT has ${entries} entries, and ${mostEntries} are the most that images of ours have`,
        'make its table anew with fewer: the line `table-length` of `sfdisk --dump` and `sfdisk` itself',
      )
    const free = freeNumbers(numbers, entries)
    return (
      free ??
      noRoom(`its GPT has ${entries} entries, and no three in a row are free for k3s, the seed and data`)
    )
  }
  const extended = partitions.find(isExtended)
  if (extended !== undefined) {
    const next = await nextLogical(host, path, extended, partitions)
    return typeof next === 'number' ? next : noRoom(next)
  }
  return numbers.length < 4 ? 5 : noRoom('all four entries of its MBR are used')
}

/** The partition table of a raw disk; or why ours cannot be added to it. */
export const readTable = async (
  host: Host,
  path: string,
  diskBytes: number,
): Promise<DiskTable | ImageFault> => {
  if (diskBytes % sectorSize !== 0)
    return unsound(
      `its disk of ${diskBytes} bytes ends within a sector`,
      'the image is cut short: get it again',
    )
  const table = await readSfdiskTable(host, path)
  if (table === undefined)
    return unsound('its disk has no partition table', 'use an image of a whole disk, not of one file system')
  const { label, id, entries: partitions, complaints } = table
  const damage = /^.*GPT table is (?:corrupt|invalid).*$/m.exec(complaints)?.[0]
  if (damage !== undefined) {
    const which = damage.trim().startsWith('The primary') ? 'primary' : 'backup'
    const help = 'the image is cut short or was changed by hand: get it again, or mend it with `gdisk`'
    return unsound(`the ${which} copy of its GPT is broken`, help)
  }
  if (label !== 'gpt' && label !== 'dos')
    return unsound(`its partition table is a ${label} one`, 'use an image with a GPT or an MBR')
  if (partitions.length === 0) return unsound('its partition table is empty', 'use an image of a system')
  if (label === 'dos' && partitions.some(({ type }) => type === 'ee'))
    return unsound(
      'it announces a GPT that cannot be read',
      'a disk that is cut short or has sectors of 4096 bytes looks so: get the image again, or another one',
    )
  const fault = placeFault(table, diskBytes)
  if (fault !== undefined) return fault
  const numbers = partitions.map(({ number }) => number)
  const first = await firstNumber(host, path, table, numbers)
  if (typeof first !== 'number') return first
  return {
    firstNumber: first,
    table: label === 'gpt' ? 'gpt' : 'mbr',
    diskId: id,
    partitions,
  }
}
