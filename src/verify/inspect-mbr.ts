import { readSfdiskTable } from '../host/disk/sfdisk-table.ts'
import type { Host } from '../host/host.ts'
import { seedLabels } from '../plan/build-plan.ts'
import { fatLabel, fileSystemOf } from './file-system.ts'
import type { InspectedPartition, Inspection } from './inspection.ts'
import type { DiskTable } from './read-table.ts'

const labels: readonly string[] = seedLabels

const guard = 0xee

/** The table of a base image with an MBR; undefined for anything else. */
export const inspectMbr = async (
  host: Host,
  image: string,
  { mbr, primary, backup }: DiskTable,
): Promise<Omit<Inspection['table'], 'mbr'> | undefined> => {
  if (typeof mbr === 'string' || mbr.some(({ type }) => type === guard)) return undefined
  if (typeof primary !== 'string' || typeof backup !== 'string') return undefined
  const table = await readSfdiskTable(host, image)
  if (table === undefined || table.entries.length === 0) return undefined
  const read: InspectedPartition[] = []
  for (const { number, offset, size, type, guid } of table.entries) {
    const fileSystem = await fileSystemOf(host, image, { offset })
    read.push({ number, name: '', typeGuid: type, guid, offset, size, fileSystem })
  }
  let seed: number | undefined
  for (const { number, offset, fileSystem } of read) {
    if (fileSystem !== 'fat16' || !labels.includes(await fatLabel(host, image, { offset }))) continue
    seed = number
  }
  const nameOf = (number: number): string => {
    if (seed === undefined) return ''
    return number === seed ? 'seed' : number === seed - 1 ? 'payload' : ''
  }
  return {
    form: 'mbr',
    diskGuid: table.id,
    primary: 'valid',
    backup: 'none',
    partitions: read.map((partition) => ({ ...partition, name: nameOf(partition.number) })),
  }
}
