import type { Host } from '../host.ts'

/** What sfdisk(8) prints by `--json` of a table; sectors of 512 bytes. */
interface SfdiskDocument {
  readonly label: string
  readonly id: string
  readonly partitions?: readonly {
    /** `<file><number>` */
    readonly node: string
    readonly start: number
    readonly size: number
    readonly type: string
    readonly uuid?: string
    readonly name?: string
  }[]
}

const sectorSize = 512

/** A partition as sfdisk sees it; an MBR has neither GUIDs nor names. */
export interface TableEntry {
  readonly number: number
  /** Bytes. */
  readonly offset: number
  readonly size: number
  /** GUID in lower case, or two hex digits. */
  readonly type: string
  readonly guid: string
  readonly name: string
}

export interface SfdiskTable {
  /** `gpt`, `dos`, or another kind that libfdisk knows. */
  readonly label: string
  /** GUID, or eight hex digits. */
  readonly id: string
  /** Logical partitions of an MBR too. */
  readonly entries: readonly TableEntry[]
  /** What sfdisk says of damage. */
  readonly complaints: string
}

/** A partition table with what is inside an extended partition; undefined where there is no table. */
export const readSfdiskTable = async (host: Host, path: string): Promise<SfdiskTable | undefined> => {
  const { stdout, stderr, exitCode } = await host.exec(['sfdisk', '--json', path], {
    doing: `read the table of ${path}`,
    okCodes: [0, 1],
  })
  if (exitCode !== 0) return undefined
  // What it leaves out of a chain of logical partitions it says before the document.
  const begin = stdout.indexOf('{')
  const table = (JSON.parse(stdout.slice(begin)) as { readonly partitiontable: SfdiskDocument })
    .partitiontable
  const isGpt = table.label === 'gpt'
  return {
    label: table.label,
    complaints: `${stdout.slice(0, begin)}${stderr}`,
    id: table.id.toLowerCase().replace(/^0x/, '').padStart(8, '0'),
    entries: (table.partitions ?? []).map(({ node, start, size, type, uuid, name }) => ({
      number: Number(node.slice(path.length).replace(/^p/, '')),
      offset: start * sectorSize,
      size: size * sectorSize,
      type: isGpt ? type.toLowerCase() : type.padStart(2, '0'),
      guid: uuid?.toLowerCase() ?? '',
      name: name ?? '',
    })),
  }
}
