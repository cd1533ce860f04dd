import { createExtReader } from '../host/disk/ext-reader.ts'
import { createFatReader } from '../host/disk/fat-reader.ts'
import type { TableEntry } from '../host/disk/sfdisk-table.ts'
import { readSfdiskTable } from '../host/disk/sfdisk-table.ts'
import type { Host } from '../host/host.ts'
import type { BaseImagePlan, NodePlan } from '../plan/build-plan.ts'
import { isExtended } from '../plan/build-plan.ts'
import { readDiskTable } from './read-table.ts'

const sectorSize = 512

/** Whether an entry is as planned; where it lies is planned for those of the base. */
const isSame = (a: TableEntry, b: Omit<TableEntry, 'offset' | 'size'> & Partial<TableEntry>): boolean =>
  a.number === b.number &&
  a.type === b.type &&
  a.guid === b.guid &&
  a.name === b.name &&
  (b.offset === undefined || (a.offset === b.offset && a.size === b.size))

/** The file systems of ours, by their first bytes. */
const magics = {
  payload: { offset: 0, text: 'hsqs' },
  seed: { offset: 54, text: 'FAT16   ' },
} as const

const contentFault = async (
  host: Host,
  path: string,
  offsets: ReadonlyMap<number, number>,
  node: NodePlan,
): Promise<string | undefined> => {
  for (const name of ['payload', 'seed'] as const) {
    const number = node.disk.partitions.find((each) => each.name === name)?.number ?? 0
    const offset = offsets.get(number)
    if (offset === undefined) return `it has no partition ${number}`
    const { offset: at, text } = magics[name]
    const bytes = await host.files.readRange(path, offset + at, text.length)
    if (new TextDecoder('latin1').decode(bytes) !== text) return `${name} holds no file system`
  }
  return undefined
}

/** What was to be written to file systems of the base. */
const writtenFault = async (
  host: Host,
  path: string,
  image: BaseImagePlan,
  { base }: NodePlan,
): Promise<string | undefined> => {
  for (const file of base.kind === 'image' ? base.files : []) {
    const partition = image.partitions.find(({ number }) => number === file.partition)
    if (partition === undefined) return `it has no partition ${file.partition}`
    const text =
      partition.fileSystem === 'vfat'
        ? await createFatReader(host, path, partition.offset).read(file.path)
        : new TextDecoder().decode(await createExtReader(host, path, partition.offset).read(`/${file.path}`))
    if (text !== file.text) return `${file.path} of partition ${file.partition} is not what was planned`
  }
  return undefined
}

/** Compares an image on a base of the user's with its plan: every partition of the base is there, and ours behind them. */
export const baseImageDifference = async (
  host: Host,
  image: BaseImagePlan,
  node: NodePlan,
  path: string,
  sizeBytes: number,
): Promise<string | undefined> => {
  if (image.table === 'gpt') {
    const { primary, backup } = await readDiskTable(host, path, sizeBytes)
    if (typeof primary === 'string') return primary
    if (typeof backup === 'string') return backup
    if (primary.gpt.otherLba !== sizeBytes / sectorSize - 1) return 'its second table is not at its end'
  }
  const table = await readSfdiskTable(host, path)
  if (table === undefined) return 'it has no partition table'
  if (table.id !== node.disk.diskGuid) return `the identity of its disk is ${table.id}`
  const found = table.entries
  const isThere = (wanted: Parameters<typeof isSame>[1]): boolean =>
    found.some((entry) => isSame(entry, wanted))
  // Those in an extended partition are the base's, and ours behind them: it reaches to the end.
  const wanted = image.partitions.map((partition) =>
    isExtended(partition) ? { ...partition, size: sizeBytes - partition.offset } : partition,
  )
  const lost = wanted.find((partition) => !isThere(partition))
  if (lost !== undefined) return `partition ${lost.number} of the base is not what it was`
  const { partitions, empty } = node.disk
  const missing = [...partitions, ...(empty === undefined ? [] : [empty])].find(
    ({ name, number, typeGuid: type, partitionGuid: guid }) =>
      !isThere({ number, type, guid, name: image.table === 'gpt' ? name : '' }),
  )
  if (missing !== undefined) return `partition ${missing.number} is not ${missing.name}`
  const written = await writtenFault(host, path, image, node)
  if (written !== undefined) return written
  return contentFault(host, path, new Map(found.map(({ number, offset }) => [number, offset])), node)
}
