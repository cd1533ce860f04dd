import type { K3sFlagsFile, K3sKeysFile } from './k3s-schema.ts'

type KeyEntry = K3sKeysFile['keys'][number]

/** First patch release of each minor that has something; newer minors have it, older ones have not. */
export type FirstReleases = Readonly<Record<number, number>>

/** When k3s knows something. Minors as numbers: 26 for v1.26. */
export interface K3sSpan {
  /** Undefined: before the oldest minor of the table. */
  readonly since: FirstReleases | undefined
  readonly removed: number | undefined
  readonly deprecated: number | undefined
  /** What replaces it. */
  readonly instead: string | undefined
}

export interface K3sValue extends K3sSpan {
  readonly value: string
}

/** A list is a flag that may be given several times, and takes one text as well. */
export type K3sKeyType = KeyEntry['type']
export type K3sKeyFormat = NonNullable<KeyEntry['format']>

/** A key of config.yaml: the long flag of `k3s server` or `k3s agent` without dashes. */
export interface K3sKey extends K3sSpan {
  readonly name: string
  readonly type: K3sKeyType
  readonly on: KeyEntry['on']
  /** Where agents learned it later than servers. */
  readonly agentSince: FirstReleases | undefined
  readonly default: KeyEntry['default']
  /** Default before a minor, oldest first. */
  readonly defaultBefore: readonly { readonly minor: number; readonly value: string }[]
  /** Must be equal on all servers, else they do not join. */
  readonly equal: boolean
  readonly values: readonly K3sValue[]
  /** Values beside `values` may work, since plugins add some. */
  readonly otherValues: boolean
  readonly format: K3sKeyFormat | undefined
  /** Whose flags the entries are: `kubelet`. */
  readonly component: string | undefined
  /** Short form of the flag, which k3s takes as a key, too. */
  readonly alias: string | undefined
  /** Whether its value must not stand in a profile: always, or when it names a user and a password. */
  readonly secret: KeyEntry['secret']
  /** Why a profile may not set it. */
  readonly owned: string | undefined
  readonly about: string
}

/** What each minor of k3s knows. */
export interface K3sTables {
  /** 21 for v1.21. */
  readonly oldest: number
  readonly newest: number
  readonly sources: readonly string[]
  /** By name, sorted. */
  readonly keys: ReadonlyMap<string, K3sKey>
  /** Flags of what k3s runs, by component: `kubelet`. */
  readonly components: ReadonlyMap<string, K3sComponent>
}

/** A flag of the kubelet, the API server and so on. */
export interface ComponentFlag {
  readonly name: string
  /** `other`: a form of its own, such as the map of `feature-gates`. */
  readonly type: 'boolean' | 'number' | 'text' | 'list' | 'duration' | 'other'
  /** First minor that knows it, 26; undefined: from before the table. */
  readonly since: number | undefined
  /** First minor that does not know it any more. */
  readonly removed: number | undefined
}

export interface K3sComponent {
  /** Minors whose list of flags is whole, ascending. */
  readonly known: readonly number[]
  readonly names: readonly string[]
  readonly flag: (name: string) => ComponentFlag | undefined
  /** What to do instead of setting a flag that k3s sets itself. */
  readonly owned: (name: string) => string | undefined
}

/** `1.26` -> 26 */
const minorOf = (text: string): number => Number(text.split('.')[1])

const releasesOf = (texts: readonly string[] | undefined): FirstReleases | undefined =>
  texts === undefined
    ? undefined
    : Object.fromEntries(texts.map((text) => [minorOf(text), Number(text.split('.')[2])]))

type SpanEntry = Pick<KeyEntry, 'since' | 'removed' | 'deprecated' | 'instead'>

const spanOf = ({ since, removed, deprecated, instead }: SpanEntry): K3sSpan => ({
  since: releasesOf(since),
  removed: removed === undefined ? undefined : minorOf(removed),
  deprecated: deprecated === undefined ? undefined : minorOf(deprecated),
  instead,
})

const toKey = (entry: KeyEntry): K3sKey => ({
  name: entry.name,
  type: entry.type,
  on: entry.on,
  agentSince: releasesOf(entry.agentSince),
  default: entry.default,
  defaultBefore: Object.entries(entry.defaultBefore ?? {}).map(([before, value]) => ({
    minor: minorOf(before),
    value,
  })),
  ...spanOf(entry),
  equal: entry.equal ?? false,
  values: (entry.values ?? []).map((value) => ({ value: value.value, ...spanOf(value) })),
  otherValues: entry.otherValues ?? false,
  format: entry.format,
  component: entry.component,
  alias: entry.alias,
  secret: entry.secret,
  owned: entry.owned,
  about: entry.about,
})

/** `boolean 26-30` */
const toFlag = (name: string, text: string): ComponentFlag => {
  const [type = 'other', span = ''] = text.split(' ')
  const [since = '', removed = ''] = span.split('-')
  return {
    name,
    type: type as ComponentFlag['type'],
    since: since === '' ? undefined : Number(since),
    removed: removed === '' ? undefined : Number(removed),
  }
}

/** Most profiles ask for a flag or two of hundreds: they are read one by one. */
const toComponent = ({ known, flags, owned }: K3sFlagsFile['components'][string]): K3sComponent => ({
  known,
  names: Object.keys(flags),
  flag: (name) => {
    const text = Object.hasOwn(flags, name) ? flags[name] : undefined
    return text === undefined ? undefined : toFlag(name, text)
  },
  owned: (name) => (Object.hasOwn(owned, name) ? owned[name] : undefined),
})

export const toK3sTables = (
  { minors: [oldest = 0, newest = 0], sources, keys }: K3sKeysFile,
  flags: K3sFlagsFile,
): K3sTables => ({
  oldest,
  newest,
  sources: [...sources, ...flags.sources],
  components: new Map(Object.entries(flags.components).map(([name, entry]) => [name, toComponent(entry)])),
  keys: new Map(keys.map((entry) => [entry.name, toKey(entry)])),
})
