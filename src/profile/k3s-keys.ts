import type { FirstReleases, K3sKey, K3sSpan, K3sTables } from '../recipes/k3s-tables.ts'
import type { K3sRelease } from './k3s-version.ts'
import { firstRelease, isFrom } from './k3s-version.ts'

/** What a release makes of a key, a value or a flag. */
export type Presence =
  | { readonly kind: 'known' }
  /** `from`: the first release that knows it, `v1.27.10`. */
  | { readonly kind: 'later'; readonly from: string }
  /** `minor`: the first that does not know it any more, `v1.26`. */
  | { readonly kind: 'removed'; readonly minor: string }

const later = (firsts: FirstReleases | undefined, release: K3sRelease): Presence | undefined =>
  firsts === undefined || isFrom(release, firsts)
    ? undefined
    : { kind: 'later', from: firstRelease(firsts, release.minor) }

export const presenceOf = ({ since, removed }: K3sSpan, release: K3sRelease): Presence => {
  if (removed !== undefined && release.minor >= removed) return { kind: 'removed', minor: `v1.${removed}` }
  return later(since, release) ?? { kind: 'known' }
}

/** `it came in v1.27.10`, `it was removed in v1.26: use x`, for help texts; undefined where it is known. */
export const absenceHelp = (span: K3sSpan, release: K3sRelease): string | undefined => {
  const presence = presenceOf(span, release)
  if (presence.kind === 'known') return undefined
  if (presence.kind === 'later') return `it came in ${presence.from}`
  const instead = span.instead === undefined ? '' : `; use \`${span.instead}\` instead`
  return `it was removed in ${presence.minor}${instead}`
}

export const isKnown = (span: K3sSpan, release: K3sRelease): boolean =>
  presenceOf(span, release).kind === 'known'

/** `both`: who reads the key runs on servers and agents alike. */
export type K3sRole = 'server' | 'agent' | 'both'

/** Whether nodes of this role take the key; what agents do not know yet is a server's. */
export const isTakenOn = (key: K3sKey, role: K3sRole, release: K3sRelease): boolean => {
  if (role === 'server') return key.on !== 'agent'
  if (key.on === 'server') return false
  return key.agentSince === undefined || isFrom(release, key.agentSince)
}

/** Names that a profile may write for nodes of this role. */
export const writableKeys = ({ keys }: K3sTables, role: K3sRole, release: K3sRelease): readonly string[] =>
  [...keys.values()]
    .filter((key) => key.owned === undefined && isKnown(key, release) && isTakenOn(key, role, release))
    .map(({ name }) => name)

/** Components that k3s packages and `disable` takes, of any release. */
export const packagedComponents = ({ keys }: K3sTables): readonly string[] =>
  (keys.get('disable')?.values ?? []).map(({ value }) => value)
