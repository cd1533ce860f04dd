import type { Host } from '../host/host.ts'
import type { BaseImagePlan, NodePlan } from '../plan/build-plan.ts'
import { readDiskTable } from './read-table.ts'

/** What sfdisk(8) prints by `--json` of a table. */
interface SfdiskTable {
  readonly label: string
  readonly id: string
  readonly partitions: readonly {
    readonly node: string
    readonly start: number
    readonly size: number
    readonly type: string
    readonly uuid?: string
    readonly name?: string
  }[]
}

const sectorSize = 512

interface Entry {
  readonly number: number
  readonly offset: number
  readonly size: number
  readonly type: string
  readonly guid: string
  readonly name: string
}

/** Whether an entry is as planned; where it lies is planned for those of the base. */
const isSame = (a: Entry, b: Omit<Entry, 'offset' | 'size'> & Partial<Entry>): boolean =>
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
  const { stdout } = await host.exec(['sfdisk', '--json', path], { doing: `read the table of ${path}` })
  const table = (JSON.parse(stdout) as { readonly partitiontable: SfdiskTable }).partitiontable
  const id = table.id.toLowerCase().replace(/^0x/, '').padStart(8, '0')
  if (id !== node.disk.diskGuid) return `the identity of its disk is ${id}`
  const found = table.partitions.map(
    ({ node: file, start, size, type, uuid, name }): Entry => ({
      number: Number(file.slice(path.length).replace(/^p/, '')),
      offset: start * sectorSize,
      size: size * sectorSize,
      type: image.table === 'gpt' ? type.toLowerCase() : type.padStart(2, '0'),
      guid: uuid?.toLowerCase() ?? '',
      name: name ?? '',
    }),
  )
  const isThere = (wanted: Parameters<typeof isSame>[1]): boolean =>
    found.some((entry) => isSame(entry, wanted))
  const lost = image.partitions.find((partition) => !isThere(partition))
  if (lost !== undefined) return `partition ${lost.number} of the base is not what it was`
  const missing = node.disk.partitions.find(
    ({ name, number, typeGuid: type, partitionGuid: guid }) =>
      !isThere({ number, type, guid, name: image.table === 'gpt' ? name : '' }),
  )
  if (missing !== undefined) return `partition ${missing.number} is not ${missing.name}`
  return contentFault(host, path, new Map(found.map(({ number, offset }) => [number, offset])), node)
}
