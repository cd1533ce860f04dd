import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import type { Host } from '../../../../host/host.ts'
import { sha256Of } from '../documents.ts'

/** Images of a few bytes for tests, in the forms that tools write. */

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

export const tarOf = async (entries: readonly (readonly [string, Buffer])[]): Promise<Buffer> => {
  const tar = pack()
  for (const [name, bytes] of entries) tar.entry({ name, mtime: new Date(0) }, bytes)
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

export interface TinyImage {
  readonly manifest: Buffer
  readonly config: Buffer
  readonly layers: readonly Buffer[]
  readonly platform: { readonly os: 'linux'; readonly architecture: string }
}

/** One layer for each content of a file; gzip as registries have it, or plain as `docker save` writes it. */
export const tinyImage = async (
  architecture: string,
  contents: readonly (string | Buffer)[],
  form: 'gzip' | 'plain' = 'gzip',
): Promise<TinyImage> => {
  const bytes = contents.map((each) => (typeof each === 'string' ? Buffer.from(each) : each))
  const tars = await Promise.all(bytes.map((each) => tarOf([['file.txt', each]])))
  const layers = form === 'gzip' ? tars.map((tar) => gzipSync(tar)) : tars
  const config = json({
    architecture,
    os: 'linux',
    config: { Cmd: ['/file.txt'] },
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => `sha256:${sha256Of(tar)}`) },
  })
  const descriptor = (mediaType: string, bytes: Buffer) => ({
    mediaType,
    digest: `sha256:${sha256Of(bytes)}`,
    size: bytes.length,
  })
  const layerType = `application/vnd.oci.image.layer.v1.tar${form === 'gzip' ? '+gzip' : ''}`
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: layers.map((layer) => descriptor(layerType, layer)),
  })
  return { manifest, config, layers, platform: { os: 'linux', architecture } }
}

const blobName = (bytes: Buffer): string => `blobs/sha256/${sha256Of(bytes)}`

/** `docker save`: images by their tags. */
export const dockerArchive = async (
  images: readonly { readonly tags: readonly string[]; readonly image: TinyImage }[],
): Promise<Buffer> => {
  const entries = images.flatMap(({ image: { config, layers } }) => [
    [`${sha256Of(config)}.json`, config] as const,
    ...layers.map((layer) => [`${sha256Of(layer)}/layer.tar`, layer] as const),
  ])
  const list = images.map(({ tags, image: { config, layers } }) => ({
    Config: `${sha256Of(config)}.json`,
    RepoTags: tags,
    Layers: layers.map((layer) => `${sha256Of(layer)}/layer.tar`),
  }))
  return tarOf([...new Map([...entries, ['manifest.json', json(list)] as const])])
}

export interface LayoutEntry {
  readonly annotations: Readonly<Record<string, string>>
  /** Several: an index over platforms. */
  readonly images: readonly TinyImage[]
}

/** Files of an OCI layout by their names. */
export const layoutFiles = (entries: readonly LayoutEntry[]): readonly (readonly [string, Buffer])[] => {
  const files = new Map<string, Buffer>()
  const add = (bytes: Buffer): void => void files.set(blobName(bytes), bytes)
  const manifestOf = ({ manifest, platform }: TinyImage) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${sha256Of(manifest)}`,
    size: manifest.length,
    platform,
  })
  const manifests = entries.map(({ annotations, images }) => {
    for (const { manifest, config, layers } of images)
      for (const each of [manifest, config, ...layers]) add(each)
    const [only] = images
    if (images.length === 1 && only !== undefined) return { ...manifestOf(only), annotations }
    const mediaType = 'application/vnd.oci.image.index.v1+json'
    const index = json({ schemaVersion: 2, mediaType, manifests: images.map(manifestOf) })
    add(index)
    return { mediaType, digest: `sha256:${sha256Of(index)}`, size: index.length, annotations }
  })
  files.set('index.json', json({ schemaVersion: 2, manifests }))
  files.set('oci-layout', json({ imageLayoutVersion: '1.0.0' }))
  return [...files]
}

export const ociArchive = (entries: readonly LayoutEntry[]): Promise<Buffer> => tarOf(layoutFiles(entries))

export const writeLayout = async (
  host: Host,
  folder: string,
  entries: readonly LayoutEntry[],
): Promise<void> => {
  await host.files.makeDirectory(join(folder, 'blobs/sha256'))
  for (const [name, bytes] of layoutFiles(entries)) await host.files.writeAtomic(join(folder, name), bytes)
}
