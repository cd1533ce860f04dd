/**
 * Names of container images, by the grammar of distribution/reference: `[registry/]path[:tag][@digest]`. A first part with a
 * dot, a colon or the name `localhost` is a registry; without one it is docker.io, and a single part is below `library/`.
 */
export interface ImageReference {
  /** Host with an optional port: `docker.io`, `registry.example.com:5000`. */
  readonly registry: string
  /** `library/nginx`. */
  readonly repository: string
  readonly tag: string | undefined
  /** Hex of a sha256. */
  readonly digest: string | undefined
}

const host =
  /^(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?$/
const ipv6Host = /^\[[0-9a-fA-F:]+\](?::[0-9]+)?$/
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const tagForm = /^\w[\w.-]{0,127}$/
const digestForm = /^sha256:([0-9a-f]{64})$/

/** distribution/reference: longer names are refused by registries and by containerd. */
const longestName = 255

export const isRegistryHost = (text: string): boolean => host.test(text) || ipv6Host.test(text)

const looksLikeHost = (text: string): boolean => /[.:]/.test(text) || text === 'localhost'

/** Docker Hub has two names; containerd uses this one. */
const canonicalHost = (text: string): string => (text === 'index.docker.io' ? 'docker.io' : text)

const withoutDigest = (text: string): readonly [string, string | undefined] => {
  const at = text.indexOf('@')
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

const withoutTag = (text: string): readonly [string, string | undefined] => {
  const colon = text.lastIndexOf(':')
  return colon > text.lastIndexOf('/') ? [text.slice(0, colon), text.slice(colon + 1)] : [text, undefined]
}

/** A reference with everything that is left out filled in but the tag; or why the text is none. */
export const readImageReference = (text: string): ImageReference | { readonly fault: string } => {
  if (/^[a-z][a-z0-9+-]*:\/\//i.test(text)) return { fault: 'has a scheme in front: write the name alone' }
  if (/\s/.test(text)) return { fault: 'has a space in it' }
  const [named, digestText] = withoutDigest(text)
  const digest = digestText === undefined ? undefined : digestForm.exec(digestText)?.[1]
  if (digestText !== undefined && digest === undefined)
    return { fault: 'ends in a digest that is not `sha256:` and 64 lower-case hex digits' }
  const [path, tag] = withoutTag(named)
  if (tag !== undefined && !tagForm.test(tag))
    return { fault: `has \`${tag}\` for a tag: letters, digits, \`_\`, \`.\` and \`-\`, 128 at most` }
  const parts = path.split('/')
  const [first = ''] = parts
  const hasHost = parts.length > 1 && looksLikeHost(first)
  const registry = hasHost ? canonicalHost(first) : 'docker.io'
  if (!isRegistryHost(registry)) return { fault: `has \`${registry}\` for a registry` }
  const rest = hasHost ? parts.slice(1) : parts
  const wrong = rest.find((part) => !component.test(part))
  if (wrong !== undefined) {
    if (component.test(wrong.toLowerCase())) return { fault: `has capital letters in \`${wrong}\`` }
    return { fault: wrong === '' ? 'has an empty part' : `has \`${wrong}\` as a part of its path` }
  }
  const repository = registry === 'docker.io' && rest.length === 1 ? `library/${rest[0]}` : rest.join('/')
  if (`${registry}/${repository}`.length > longestName) return { fault: `is longer than ${longestName}` }
  return { registry, repository, tag, digest }
}

/** `docker.io/library/nginx`. */
export const repositoryName = ({ registry, repository }: ImageReference): string =>
  `${registry}/${repository}`

/** In full, with the tag and digest that there are. */
export const printImageReference = (reference: ImageReference): string =>
  [
    repositoryName(reference),
    reference.tag === undefined ? '' : `:${reference.tag}`,
    reference.digest === undefined ? '' : `@sha256:${reference.digest}`,
  ].join('')

/**
 * What the image is called on a node. k3s takes names with a tag only (pkg/agent/containerd, retagImages), and adds the
 * repository with the manifest's digest itself: one that is known by digest alone gets a tag made of it.
 */
export const imageName = (reference: ImageReference): string => {
  const tag = reference.tag ?? (reference.digest === undefined ? 'latest' : `sha256-${reference.digest}`)
  return `${repositoryName(reference)}:${tag}`
}

/** The full name with a tag of what `text` names, or undefined where it names nothing. */
export const fullImageName = (text: string): string | undefined => {
  const reference = readImageReference(text)
  return 'fault' in reference ? undefined : imageName(reference)
}
