import { EnvironmentFault } from '../../../diagnostics/fault.ts'
import type { Host } from '../../../host/host.ts'
import type { Architecture } from '../../pins.ts'
import { BadDocument } from '../images/documents.ts'
import type { BlobSource } from '../images/found-image.ts'
import { readOciLayout } from '../images/oci-layout.ts'
import type { UnpackedFile, UnpackedFiles } from '../images/unpack.ts'

export interface Layer {
  /** The first image that has it, or the archive. */
  readonly from: string
  readonly path: string
}

interface NamedLayers {
  readonly name: string | undefined
  readonly layers: readonly string[]
}

interface DockerManifest {
  readonly RepoTags?: readonly string[] | null
  readonly Layers?: readonly string[]
}

const readDocker = async (host: Host, list: UnpackedFile): Promise<readonly NamedLayers[]> => {
  const manifests = JSON.parse((await host.files.readText(list.path)) ?? '[]') as readonly DockerManifest[]
  return manifests.map(({ RepoTags, Layers = [] }) => ({ name: RepoTags?.[0], layers: Layers }))
}

const blobName = (sha256: string): string => `blobs/sha256/${sha256}`

const readLayout = async (
  host: Host,
  files: UnpackedFiles,
  index: UnpackedFile,
  architecture: Architecture,
): Promise<readonly NamedLayers[]> => {
  const bytesOf = ({ path }: UnpackedFile): Promise<Uint8Array | undefined> => host.files.readBytes(path)
  const read: BlobSource['read'] = async ({ sha256 }) => {
    const file = files.get(blobName(sha256))
    return file === undefined ? undefined : bytesOf(file)
  }
  const bytes = (await bytesOf(index)) ?? new Uint8Array()
  const { images } = await readOciLayout({ read }, bytes, [architecture], undefined)
  return images.map(({ name, image: { layers } }) => ({
    name,
    layers: layers.map(({ sha256 }) => blobName(sha256)),
  }))
}

/** As containerd reads it: with an OCI layout in it, manifest.json does not count. */
const readArchive = async (
  host: Host,
  files: UnpackedFiles,
  architecture: Architecture,
): Promise<readonly NamedLayers[]> => {
  const index = files.has('oci-layout') ? files.get('index.json') : undefined
  if (index !== undefined) return readLayout(host, files, index, architecture)
  const list = files.get('manifest.json')
  if (list === undefined) throw new BadDocument('has neither a manifest.json nor an OCI layout')
  return readDocker(host, list)
}

/** Layers of an archive of images, each once. Throws EnvironmentFault where it is none. */
export const archiveLayers = async (
  host: Host,
  files: UnpackedFiles,
  archive: string,
  architecture: Architecture,
): Promise<readonly Layer[]> => {
  let images: readonly NamedLayers[]
  try {
    images = await readArchive(host, files, architecture)
  } catch (error) {
    if (!(error instanceof BadDocument)) throw error
    throw new EnvironmentFault(`${archive} ${error.message}`, 'take the archive of images from a k3s release')
  }
  const layers = new Map<string, Layer>()
  for (const { name, layers: names } of images) {
    for (const each of names) {
      const file = files.get(each)
      if (file === undefined || layers.has(file.path)) continue
      layers.set(file.path, { from: name ?? archive, path: file.path })
    }
  }
  return [...layers.values()]
}
