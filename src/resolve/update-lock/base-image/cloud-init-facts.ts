import { parse } from 'yaml'
import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'

/** What the cloud-init of a base asks for its configuration. */
export interface CloudInitFacts {
  /** `datasource_list`; undefined: cloud-init's own, which begins with NoCloud. */
  readonly datasources: readonly string[] | undefined
  /** Of the datasource NoCloud: where its files are, and the label of the file system it looks for beside CIDATA. */
  readonly seedFrom: string | undefined
  readonly label: string | undefined
  /** What may write the network, in this order; undefined: cloud-init's own order. */
  readonly renderers: readonly string[] | undefined
  /** The file that says what the network is; undefined: none does. */
  readonly networkIn: string | undefined
  /** Of the datasource NoCloud: documents stand in its settings. */
  readonly inline: boolean
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

/** Settings below these keys; none where one of them is missing. */
const below = (settings: Settings, ...keys: readonly string[]): Settings =>
  keys.reduce<Settings>((found, key) => {
    const value = found[key]
    return isSettings(value) ? value : {}
  }, settings)

const namesOf = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.map(String) : undefined

/** An empty one says nothing, and takes back what an earlier file says. */
const saysSomething = (value: unknown): boolean => isSettings(value) && Object.keys(value).length > 0

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** As cloud-init does: cloud.cfg, then the files of cloud.cfg.d by name, of which the last one counts. */
export const cloudInitFacts = async (root: FileSystemReader): Promise<CloudInitFacts | undefined> => {
  let installed = false
  for (const path of programs) installed ||= await root.exists(path)
  if (!installed || (await root.exists('/etc/cloud/cloud-init.disabled'))) return undefined
  const names = (await root.list(settingsFolder)).filter((name) => name.endsWith('.cfg'))
  let facts: CloudInitFacts = {
    datasources: undefined,
    seedFrom: undefined,
    label: undefined,
    renderers: undefined,
    networkIn: undefined,
    inline: false,
  }
  for (const path of ['/etc/cloud/cloud.cfg', ...names.map((name) => `${settingsFolder}/${name}`)]) {
    const settings = parseSettings(await root.read(path))
    const own = below(settings, 'datasource', 'NoCloud')
    facts = {
      datasources: namesOf(settings['datasource_list']) ?? facts.datasources,
      seedFrom: textOf(own['seedfrom']) ?? facts.seedFrom,
      label: textOf(own['fs_label']) ?? facts.label,
      renderers: namesOf(below(settings, 'system_info', 'network')['renderers']) ?? facts.renderers,
      networkIn:
        'network' in settings ? (saysSomething(settings['network']) ? path : undefined) : facts.networkIn,
      inline: facts.inline || ('user-data' in own && 'meta-data' in own),
    }
  }
  return facts
}
