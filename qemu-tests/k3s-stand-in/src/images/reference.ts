/** Image names: `alpine:3` is `docker.io/library/alpine:3`. */

const DIGEST = /@sha256:[0-9a-f]{64}$/

export interface Reference {
  /** With registry, without tag: `docker.io/library/alpine`. */
  readonly name: string
  readonly tag: string
}

/** Throws for what is not a name with a tag. */
export function parseTagged(text: string): Reference {
  const full = normalize(text.replace(DIGEST, ''))
  const colon = full.lastIndexOf(':')
  if (colon < full.lastIndexOf('/')) throw new Error("can't cast reference.repository to NamedTagged")
  return { name: full.slice(0, colon), tag: full.slice(colon + 1) }
}

/** Adds the registry, `library/` and, for docker archives, the tag `latest`. */
export function normalizeRepoTag(text: string): string {
  const full = normalize(text)
  return full.lastIndexOf(':') > full.lastIndexOf('/') ? full : `${full}:latest`
}

function normalize(text: string): string {
  const [first = '', ...rest] = text.split('/')
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const full = hasRegistry ? text : `docker.io/${rest.length === 0 ? 'library/' : ''}${text}`
  const repository = full.slice(
    0,
    full.lastIndexOf(':') > full.lastIndexOf('/') ? full.lastIndexOf(':') : undefined,
  )
  if (!/^[A-Za-z0-9.:-]+(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/.test(repository)) {
    throw new Error('invalid reference format')
  }
  return full
}
