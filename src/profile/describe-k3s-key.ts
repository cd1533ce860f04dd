import type { FirstReleases, K3sKey, K3sSpan, K3sTables } from '../recipes/k3s-tables.ts'

/** What a table says of a key of config.yaml, for people: `appliance explain`, a row of docs/k3s-options.md. */
export interface K3sKeyDescription {
  readonly name: string
  readonly description: string
  readonly type: string
  /** Default of k3s; null where it follows from other settings. */
  readonly fallback: unknown
  /** `v1.27.10, v1.28.6 and newer`, `up to v1.25`, `all from v1.21`. */
  readonly releases: string
  /** Where a profile may say it; empty where the tool sets it. */
  readonly places: readonly string[]
  /** Everything else, a sentence each. */
  readonly notes: readonly string[]
}

const types: Readonly<Record<K3sKey['type'], string>> = {
  boolean: 'true or false',
  number: 'a whole number',
  text: 'a text',
  list: 'a list of texts',
  duration: 'a length of time such as `10m`',
}

const firstsText = (firsts: FirstReleases): string =>
  `${Object.entries(firsts)
    .map(([minor, patch]) => `v1.${minor}.${patch}`)
    .join(', ')} and newer`

const releasesText = ({ since, removed }: K3sSpan, oldest: number): string => {
  const from = since === undefined ? `all from v1.${oldest}` : firstsText(since)
  if (removed === undefined) return from
  return since === undefined ? `up to v1.${removed - 1}` : `${from}, up to v1.${removed - 1}`
}

const places = (key: K3sKey): readonly string[] => {
  if (key.owned !== undefined) return []
  const node = key.equal ? [] : ['nodes[].k3s']
  if (key.on === 'server') return ['cluster.k3s.config', ...node]
  if (key.on === 'agent') return ['cluster.k3s.agentConfig', ...node]
  return ['cluster.k3s.agentConfig', 'cluster.k3s.config', ...node]
}

const valueText = (value: K3sKey['values'][number], oldest: number): string => {
  const isAlways = value.since === undefined && value.removed === undefined
  return isAlways ? `\`${value.value}\`` : `\`${value.value}\` (${releasesText(value, oldest)})`
}

const notesOf = (key: K3sKey, oldest: number): readonly string[] => {
  const instead = key.instead === undefined ? '' : ` Use \`${key.instead}\`.`
  return [
    ...(key.values.length === 0
      ? []
      : [
          `${key.otherValues ? 'Known values' : 'Values'}: ${key.values.map((value) => valueText(value, oldest)).join(', ')}.`,
        ]),
    ...key.defaultBefore.map(({ minor, value }) => `Default before v1.${minor}: \`${value}\`.`),
    ...(key.on === 'server' ? ['Only servers have it.'] : []),
    ...(key.on === 'agent' ? ['Only agents have it.'] : []),
    ...(key.agentSince === undefined ? [] : [`Agents have it from ${firstsText(key.agentSince)}.`]),
    ...(key.equal ? ['Must be equal on all servers.'] : []),
    ...(key.secret === undefined || key.owned !== undefined
      ? []
      : ['Its value is a secret: write a reference.']),
    ...(key.component === undefined ? [] : [`Entries are \`name=value\`, flags of ${key.component}.`]),
    ...(key.deprecated === undefined ? [] : [`Deprecated since v1.${key.deprecated}.${instead}`]),
    ...(key.removed === undefined ? [] : [`Removed in v1.${key.removed}.${instead}`]),
    ...(key.owned === undefined ? [] : [`Set by the tool: ${key.owned}.`]),
  ]
}

export const describeK3sKey = ({ keys, oldest }: K3sTables, name: string): K3sKeyDescription | undefined => {
  const key = keys.get(name)
  if (key === undefined) return undefined
  return {
    name,
    description: key.about,
    type: types[key.type],
    fallback: key.default ?? null,
    releases: releasesText(key, oldest),
    places: places(key),
    notes: notesOf(key, oldest),
  }
}

/** `cluster.k3s.config.debug`, `cluster.k3s.agentConfig.debug` or `nodes[0].k3s.debug`: the key that is meant. */
export const k3sKeyOfPath = (subject: string): string | undefined =>
  /^(?:cluster\.k3s\.(?:config|agentConfig)|nodes(?:\[\d*\]|\.\d+)?\.k3s)\.([^.]+)$/.exec(subject)?.[1]
