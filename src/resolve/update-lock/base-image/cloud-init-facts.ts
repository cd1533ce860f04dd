import { parse } from 'yaml'
import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'

/** What the cloud-init of a base asks for its configuration. */
export interface CloudInitFacts {
  /** `datasource_list`; undefined: cloud-init's own, which begins with NoCloud. */
  readonly datasources: readonly string[] | undefined
  /** Of the datasource NoCloud: where its files are, and the label of the file system it looks for beside CIDATA. */
  readonly seedFrom: string | undefined
  readonly label: string | undefined
}

const programs = ['/usr/bin/cloud-init', '/bin/cloud-init', '/usr/local/bin/cloud-init']
const settingsFolder = '/etc/cloud/cloud.cfg.d'

type Settings = Readonly<Record<string, unknown>>

const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parseSettings = (bytes: Uint8Array | undefined): Settings => {
  try {
    const value: unknown = parse(new TextDecoder().decode(bytes))
    return isSettings(value) ? value : {}
  } catch {
    return {}
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** As cloud-init does: cloud.cfg, then the files of cloud.cfg.d by name, of which the last one counts. */
export const cloudInitFacts = async (root: FileSystemReader): Promise<CloudInitFacts | undefined> => {
  let installed = false
  for (const path of programs) installed ||= await root.exists(path)
  if (!installed || (await root.exists('/etc/cloud/cloud-init.disabled'))) return undefined
  const names = (await root.list(settingsFolder)).filter((name) => name.endsWith('.cfg'))
  let facts: CloudInitFacts = { datasources: undefined, seedFrom: undefined, label: undefined }
  for (const path of ['/etc/cloud/cloud.cfg', ...names.map((name) => `${settingsFolder}/${name}`)]) {
    const { datasource_list: list, datasource } = parseSettings(await root.read(path))
    const noCloud = isSettings(datasource) ? datasource['NoCloud'] : undefined
    const own = isSettings(noCloud) ? noCloud : {}
    facts = {
      datasources: Array.isArray(list) ? list.map(String) : facts.datasources,
      seedFrom: textOf(own['seedfrom']) ?? facts.seedFrom,
      label: textOf(own['fs_label']) ?? facts.label,
    }
  }
  return facts
}
