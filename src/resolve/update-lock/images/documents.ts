import { createHash } from 'node:crypto'
import { digestHex, isDigest } from '../../blob-line.ts'
import type { Architecture, BlobPin } from '../../pins.ts'

/** The documents of container images: OCI image spec 1.0, and Docker's "image manifest version 2, schema 2". */
export const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
} as const

/** containerd reads no larger manifest. */
export const largestDocument = 8 * 1024 * 1024

export interface Descriptor extends BlobPin {
  readonly annotations: Readonly<Record<string, string>>
  readonly platform: { readonly os: string; readonly architecture: string } | undefined
}

export interface ManifestDocument {
  readonly config: BlobPin
  readonly layers: readonly BlobPin[]
}

type Tree = Readonly<Record<string, unknown>>

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Not what it should be: the caller knows whose fault that is. */
export class BadDocument extends Error {}

const parse = (bytes: Uint8Array): Tree => {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new BadDocument('is no JSON')
  }
  if (!isTree(value)) throw new BadDocument('is no JSON object')
  return value
}

const readBlob = (value: unknown): BlobPin => {
  if (!isTree(value)) throw new BadDocument('has a descriptor that is no object')
  const { digest, size, mediaType } = value
  if (!isDigest(digest)) throw new BadDocument('names a blob by something else than a sha256 digest')
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw new BadDocument(`gives no size for ${digest}`)
  if (typeof mediaType !== 'string' || !/^[\w.+-]+\/[\w.+-]+$/.test(mediaType))
    throw new BadDocument(`gives no media type for ${digest}`)
  return { mediaType, sha256: digestHex(digest), sizeBytes: size }
}

const texts = (value: unknown): Readonly<Record<string, string>> =>
  isTree(value)
    ? Object.fromEntries(
        Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
      )
    : {}

const readDescriptor = (value: unknown): Descriptor => {
  const blob = readBlob(
    isTree(value) && value['mediaType'] === undefined ? { ...value, mediaType: mediaTypes.manifest } : value,
  )
  const tree = value as Tree
  const platform = isTree(tree['platform']) ? tree['platform'] : undefined
  return {
    ...blob,
    annotations: texts(tree['annotations']),
    platform:
      platform === undefined
        ? undefined
        : { os: String(platform['os']), architecture: String(platform['architecture']) },
  }
}

export const isIndexType = (mediaType: string): boolean =>
  mediaType === mediaTypes.index || mediaType === mediaTypes.dockerIndex

/** An index or a manifest list; undefined for what is none. */
export const readIndex = (bytes: Uint8Array): readonly Descriptor[] | undefined => {
  const { manifests } = parse(bytes)
  return Array.isArray(manifests) ? manifests.map(readDescriptor) : undefined
}

/** Layers that a registry does not hand out (Windows base layers) cannot be carried. */
export const readManifest = (bytes: Uint8Array): ManifestDocument => {
  const { schemaVersion, config, layers } = parse(bytes)
  if (schemaVersion === 1)
    throw new BadDocument('is a manifest of Docker schema 1, which containerd no longer reads')
  if (config === undefined || !Array.isArray(layers)) throw new BadDocument('is no image manifest')
  return { config: readBlob(config), layers: layers.map(readBlob) }
}

/** The media type that a manifest or index gives itself, or the one that its form implies. */
export const typeOf = (bytes: Uint8Array): string => {
  const { mediaType, manifests } = parse(bytes)
  if (typeof mediaType === 'string' && /^[\w.+-]+\/[\w.+-]+$/.test(mediaType)) return mediaType
  return manifests === undefined ? mediaTypes.manifest : mediaTypes.index
}

export interface ConfigDocument {
  /** `linux/arm64`. */
  readonly platform: string
  /** Hex of the sha256 of each unpacked layer. */
  readonly diffIds: readonly string[]
}

export const readConfig = (bytes: Uint8Array): ConfigDocument => {
  const { os, architecture, rootfs } = parse(bytes)
  const ids = isTree(rootfs) ? rootfs['diff_ids'] : undefined
  return {
    platform: `${typeof os === 'string' && os !== '' ? os : 'linux'}/${String(architecture ?? 'unknown')}`,
    diffIds: Array.isArray(ids) ? ids.filter(isDigest).map(digestHex) : [],
  }
}

/** Nodes run Linux; images name architectures as Debian does. */
export const platformOf = (architecture: Architecture): string => `linux/${architecture}`

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
