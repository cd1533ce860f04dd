import { join } from 'node:path'
import type { Host } from '../../../host/host.ts'
import { fullImageName } from '../../../profile/image-reference.ts'
import type { BlobPin } from '../../pins.ts'
import { BadDocument, mediaTypes, readConfig, sha256Of } from './documents.ts'
import type { FoundImage } from './found-image.ts'
import type { UnpackedFile, UnpackedFiles } from './unpack.ts'

interface DockerManifest {
  readonly Config: string
  readonly RepoTags?: readonly string[] | null
  readonly Layers: readonly string[]
}

const isManifest = (value: unknown): value is DockerManifest => {
  const { Config, RepoTags, Layers } = (value ?? {}) as Record<string, unknown>
  const areTexts = (list: unknown): boolean =>
    Array.isArray(list) && list.every((item) => typeof item === 'string')
  return typeof Config === 'string' && areTexts(Layers) && (RepoTags == null || areTexts(RepoTags))
}

const compression = async (host: Host, { path }: UnpackedFile): Promise<'' | '+gzip' | '+zstd'> => {
  const start = Buffer.from(await host.files.readRange(path, 0, 4)).toString('hex')
  return start.startsWith('1f8b') ? '+gzip' : start === '28b52ffd' ? '+zstd' : ''
}

const blobOf = ({ sha256, sizeBytes }: UnpackedFile, mediaType: string): BlobPin => ({
  mediaType,
  sha256,
  sizeBytes,
})

const descriptor = ({ mediaType, sha256, sizeBytes }: BlobPin) => ({
  mediaType,
  digest: `sha256:${sha256}`,
  size: sizeBytes,
})

/**
 * The images of an archive that `docker save` writes (manifest.json beside configurations and layers). It has no manifests
 * of the kind that registries and containerd have: they are made here, of the same bytes in every version of this program,
 * from the configuration and the layers as they lie in the archive.
 */
export const readDockerArchive = async (
  host: Host,
  files: UnpackedFiles,
  folder: string,
): Promise<{ readonly images: readonly FoundImage[]; readonly made: ReadonlyMap<string, UnpackedFile> }> => {
  const list = files.get('manifest.json')
  const manifests: unknown = JSON.parse((await host.files.readText(list?.path ?? '')) ?? 'null')
  if (!Array.isArray(manifests) || !manifests.every(isManifest))
    throw new BadDocument('has a manifest.json that is none')
  const images: FoundImage[] = []
  const made = new Map<string, UnpackedFile>()
  for (const { Config, RepoTags, Layers } of manifests) {
    const get = (name: string): UnpackedFile => {
      const file = files.get(name)
      if (file === undefined) throw new BadDocument(`lacks ${name}, which its manifest.json names`)
      return file
    }
    const configFile = get(Config)
    const config = readConfig((await host.files.readBytes(configFile.path)) ?? new Uint8Array())
    const layers: BlobPin[] = []
    for (const [index, name] of Layers.entries()) {
      const file = get(name)
      const packed = await compression(host, file)
      if (packed === '' && config.diffIds[index] !== file.sha256)
        throw new BadDocument(`has a layer ${name} that is not what its configuration says`)
      layers.push(blobOf(file, `${mediaTypes.layer}${packed}`))
    }
    if (layers.length !== config.diffIds.length)
      throw new BadDocument(
        `has ${layers.length} layers where its configuration has ${config.diffIds.length}`,
      )
    const configBlob = blobOf(configFile, mediaTypes.config)
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: descriptor(configBlob),
      layers: layers.map(descriptor),
    })
    const bytes = new TextEncoder().encode(text)
    const path = join(folder, `manifest-${made.size}`)
    await host.files.writeAtomic(path, bytes)
    const manifest = { path, sha256: sha256Of(bytes), sizeBytes: bytes.length }
    made.set(manifest.sha256, manifest)
    const image = { manifest: blobOf(manifest, mediaTypes.manifest), config: configBlob, layers }
    const names = (RepoTags ?? []).map(fullImageName).filter((name) => name !== undefined)
    for (const name of names.length === 0 ? [undefined] : names)
      images.push({ name, platform: config.platform, image, index: null })
  }
  return { images, made }
}
