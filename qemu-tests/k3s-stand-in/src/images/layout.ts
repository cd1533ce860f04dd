/** Which images an archive holds and what they are called. */

import { createHash } from 'node:crypto'
import type { ArchiveContents } from './archive.ts'
import { normalizeRepoTag } from './reference.ts'
import type { StoredImage } from './store.ts'

interface Descriptor {
  readonly mediaType?: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
}

interface Manifest {
  readonly config?: Descriptor
  readonly layers?: readonly Descriptor[]
  readonly manifests?: readonly Descriptor[]
}

interface DockerManifest {
  readonly Config: string
  readonly RepoTags: readonly string[] | null
  readonly Layers: readonly string[]
}

/** With `oci-layout` the index alone decides; else `manifest.json` does. */
export function decideImages(contents: ArchiveContents): StoredImage[] {
  if (contents.documents.has('oci-layout')) {
    const index = document<Manifest>(contents, 'index.json')
    if (index === null) throw new Error('missing index.json in OCI layout')
    return (index.manifests ?? []).flatMap((descriptor) => ociImage(contents, descriptor))
  }
  const manifests = document<DockerManifest[]>(contents, 'manifest.json')
  if (manifests === null) throw new Error('unrecognized image format')
  return manifests.flatMap((manifest) => dockerImages(contents, manifest))
}

/** The full name is an annotation; without it the bare reference is taken as it stands. No name: no image. */
function ociImage(contents: ArchiveContents, descriptor: Descriptor): StoredImage[] {
  const { annotations = {}, digest, mediaType = 'application/vnd.oci.image.manifest.v1+json' } = descriptor
  const name =
    annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'] ?? ''
  if (name === '') return []
  const manifest = blob<Manifest>(contents, digest)
  if (manifest === null) throw new Error(`content digest ${digest}: not found`)
  const [first] = manifest.manifests ?? []
  const image = first === undefined ? manifest : (blob<Manifest>(contents, first.digest) ?? {})
  const parts = [image.config, ...(image.layers ?? [])].filter((part) => part !== undefined)
  const size = descriptor.size + parts.reduce((sum, part) => sum + part.size, 0)
  const config = image.config === undefined ? null : blob<Config>(contents, image.config.digest)
  return [{ name, digest, mediaType, size, platform: platformOf(config), pinned: false }]
}

/** Such an archive has no manifest of its own: containerd makes one, whose digest follows from the contents. */
function dockerImages(contents: ArchiveContents, manifest: DockerManifest): StoredImage[] {
  const config = document<Config>(contents, manifest.Config)
  if (config === null) throw new Error(`failed to resolve config: config "${manifest.Config}" not found`)
  const sizes = [manifest.Config, ...manifest.Layers].map((name) => {
    const size = contents.sizes.get(name)
    if (size === undefined) throw new Error(`layer "${name}" not found`)
    return size
  })
  const digest = `sha256:${createHash('sha256')
    .update(JSON.stringify([manifest.Config, manifest.Layers]))
    .digest('hex')}`
  return (manifest.RepoTags ?? []).map((tag) => ({
    name: normalizeRepoTag(tag),
    digest,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    size: sizes.reduce((sum, size) => sum + size, 0),
    platform: platformOf(config),
    pinned: false,
  }))
}

interface Config {
  readonly architecture?: string
  readonly os?: string
}

function platformOf(config: Config | null): string {
  return `${config?.os ?? 'unknown'}/${config?.architecture ?? 'unknown'}`
}

function blob<T>(contents: ArchiveContents, digest: string): T | null {
  return document<T>(contents, `blobs/${digest.replace(':', '/')}`)
}

function document<T>(contents: ArchiveContents, name: string): T | null {
  const bytes = contents.documents.get(name)
  return bytes === undefined ? null : (JSON.parse(bytes.toString()) as T)
}
