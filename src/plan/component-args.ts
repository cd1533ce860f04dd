/**
 * Flags whose value is a list with commas, or a map of such entries: what several places ask for is put together, and of a
 * map entry that is named twice the later one counts. (Kubernetes 1.34, `--help` of its components: stringSlice, mapStringBool
 * and mapStringString.)
 */
const listFlags: ReadonlySet<string> = new Set([
  'allowed-unsafe-sysctls',
  'api-audiences',
  'disable-admission-plugins',
  'enable-admission-plugins',
  'eviction-hard',
  'eviction-minimum-reclaim',
  'eviction-soft',
  'eviction-soft-grace-period',
  'feature-gates',
  'kube-reserved',
  'node-labels',
  'register-with-taints',
  'runtime-config',
  'system-reserved',
])

/** Flags that are given once for each value (stringArray, namedCertKey). */
const repeatedFlags: ReadonlySet<string> = new Set([
  'service-account-issuer',
  'service-account-key-file',
  'tls-sni-cert-key',
])

/** `--enable-admission-plugins+=A` -> `enable-admission-plugins+`; a flag without a value is a switch. */
export const argName = (arg: string): string => arg.replace(/^-+/, '').split('=')[0] ?? ''

/** What stands after the first `=`; `true` where there is none, as k3s takes it (k3s pkg/util/args.go, GetArgs). */
export const argValue = (arg: string): string =>
  arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : 'true'

/** `A=true` and `memory.available<5%` are entries of a map; a plain word is its own key. */
const entryKey = (entry: string): string => entry.split(/[=<]/)[0] ?? entry

const joinEntries = (before: string, value: string): string => {
  const entries = new Map(
    [...before.split(','), ...value.split(',')]
      .filter((entry) => entry !== '')
      .map((entry) => [entryKey(entry), entry]),
  )
  return [...entries.values()].join(',')
}

const asList = (value: unknown): readonly unknown[] => {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

/**
 * The values of one `*-arg` key of config.yaml from two places, each flag once: lists are put together, of other flags the
 * later value counts. k3s itself would pass a flag on twice, and then it depends on the flag which one counts.
 * Secrets among the entries stay as they are. k3s does not take these values apart at commas.
 */
export const joinArgs = (before: unknown, value: unknown): readonly unknown[] => {
  const joined = new Map<unknown, unknown>()
  for (const arg of [...asList(before), ...asList(value)]) {
    if (typeof arg !== 'string') {
      joined.set(arg, arg)
      continue
    }
    // `name+=` and `name-=` add to k3s's own value; beside a plain value they add to that.
    const name = argName(arg)
    const plain = name.replace(/[+-]$/, '')
    const isList = listFlags.has(plain)
    const key = repeatedFlags.has(plain) ? arg.replace(/^-+/, '') : isList && joined.has(plain) ? plain : name
    const known = joined.get(key)
    joined.set(
      key,
      isList && typeof known === 'string'
        ? `${key}=${joinEntries(argValue(known), argValue(arg))}`
        : arg.replace(/^-+/, ''),
    )
  }
  return [...joined.values()]
}
