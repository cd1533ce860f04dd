import { join } from 'node:path'
import { StepFault } from '../../../diagnostics/fault.ts'
import type { Host } from '../../../host/host.ts'
import type { InputStore } from '../../lock-request.ts'
import type { BlobPin } from '../../pins.ts'
import { readDockerArchive } from './docker-archive.ts'
import { BadDocument, largestDocument, sha256Of } from './documents.ts'
import type { BlobSource, FoundImage } from './found-image.ts'
import { ImageProblem } from './image-problem.ts'
import type { ImageReading } from './image-reading.ts'
import { readOciLayout } from './oci-layout.ts'
import type { UnpackedFile } from './unpack.ts'
import { unpackArchive } from './unpack.ts'

/** What a local source holds for the architectures that are asked for. */
export interface LocalImages {
  readonly images: readonly FoundImage[]
  /** `linux/arm64`: everything that the source has, for messages. */
  readonly platforms: readonly string[]
  readonly keep: BlobSource['keep']
}

/** Where blobs are found by their digests. `owned`: a file of ours, which the store may take over. */
type Locate = (sha256: string) => { readonly path: string; readonly owned: boolean } | undefined

/** Brings a blob from a file into the store; what is there already is not read again. */
export const keepFile = async (
  host: Host,
  store: InputStore,
  { sha256, sizeBytes }: BlobPin,
  name: string,
  at: ReturnType<Locate>,
): Promise<void> => {
  if ((await store.find({ name, sha256 })) !== undefined) return
  const stat = at === undefined ? undefined : await host.files.stat(at.path)
  if (at === undefined || stat === undefined)
    throw new BadDocument(`lacks the blob sha256:${sha256}, which it names`)
  if (stat.sizeBytes !== sizeBytes || (await host.files.sha256(at.path)) !== sha256)
    throw new BadDocument(`has a blob sha256:${sha256} that is not what its name says`)
  if (at.owned) await store.moveFile(at.path, { name, sha256 })
  else await store.addFile(at.path, { name, sha256 })
}

const blobSource = (host: Host, store: InputStore, locate: Locate): BlobSource => ({
  read: async ({ sha256, sizeBytes }) => {
    const at = locate(sha256)
    if (at === undefined || (await host.files.stat(at.path)) === undefined) return undefined
    if (sizeBytes > largestDocument)
      throw new BadDocument(`has a document of ${sizeBytes} bytes: sha256:${sha256}`)
    const bytes = (await host.files.readBytes(at.path)) ?? new Uint8Array()
    if (sha256Of(bytes) !== sha256 || bytes.length !== sizeBytes)
      throw new BadDocument(`has a blob sha256:${sha256} that is not what its name says`)
    return bytes
  },
  keep: (blob, name) => keepFile(host, store, blob, name, locate(blob.sha256)),
})

const forms =
  'wanted is a docker or OCI archive (`docker save`, `podman save`, `skopeo copy`), or a folder in the OCI layout'

const platformsOf = (images: readonly FoundImage[]): readonly string[] =>
  [...new Set(images.map(({ platform }) => platform))].toSorted()

const readArchive = async (
  { host, store, work: folder, request: { architectures } }: ImageReading,
  archive: string,
): Promise<LocalImages> => {
  const files = await unpackArchive(host, archive, folder)
  const byDigest = new Map<string, UnpackedFile>([...files.values()].map((file) => [file.sha256, file]))
  const index = files.get('index.json')
  // As containerd reads it: with an OCI layout in it, manifest.json does not count.
  if (files.has('oci-layout') && index !== undefined) {
    const locate: Locate = (sha256) => {
      const file = files.get(`blobs/sha256/${sha256}`)
      return file === undefined ? undefined : { path: file.path, owned: true }
    }
    const source = blobSource(host, store, locate)
    const bytes = (await host.files.readBytes(index.path)) ?? new Uint8Array()
    return { ...(await readOciLayout(source, bytes, architectures, undefined)), keep: source.keep }
  }
  if (!files.has('manifest.json')) throw new BadDocument('is no image archive')
  const { images, made } = await readDockerArchive(host, files, folder)
  const locate: Locate = (sha256) => {
    const file = made.get(sha256) ?? byDigest.get(sha256)
    return file === undefined ? undefined : { path: file.path, owned: true }
  }
  return { images, platforms: platformsOf(images), keep: blobSource(host, store, locate).keep }
}

const readLayout = async (
  { host, store, request: { architectures } }: ImageReading,
  layout: string,
  tag: string | undefined,
): Promise<LocalImages> => {
  const index = await host.files.readBytes(join(layout, 'index.json'))
  if (index === undefined || (await host.files.stat(join(layout, 'oci-layout'))) === undefined)
    throw new BadDocument('is no OCI layout')
  const source = blobSource(host, store, (sha256) => ({
    path: join(layout, 'blobs', 'sha256', sha256),
    owned: false,
  }))
  return { ...(await readOciLayout(source, index, architectures, tag)), keep: source.keep }
}

/** Images of an archive or a layout. */
export const readLocalImages = async (reading: ImageReading, path: string): Promise<LocalImages> => {
  const { host, request } = reading
  const { source } = request
  const stat = await host.files.stat(path)
  if (stat === undefined)
    throw new ImageProblem(
      'L0039',
      `${path} is missing`,
      'paths are relative to the profile: correct it, or put the file there',
    )
  if (source.kind === 'layout' ? !stat.isDirectory : !stat.isFile)
    throw source.kind === 'layout'
      ? new ImageProblem('L0013', `${path} is a file`, 'an archive is named by `file`; `oci` names a folder')
      : new ImageProblem('L0013', `${path} is a folder`, 'a folder in the OCI layout is named by `oci`')
  return source.kind === 'layout' ? readLayout(reading, path, source.tag) : readArchive(reading, path)
}

/** What is wrong inside a local source, as the user's fault; anything else is thrown on. */
export const localProblem = (error: unknown, key: string): ImageProblem => {
  if (error instanceof BadDocument) return new ImageProblem('L0013', `${key} ${error.message}`, forms)
  // tar-stream's own complaints: "Invalid tar header", "Unexpected end of data".
  if (error instanceof StepFault || (error instanceof Error && /tar header|end of data/i.test(error.message)))
    return new ImageProblem('L0013', `${key} cannot be unpacked: ${error.message}`, forms)
  if (error instanceof SyntaxError)
    return new ImageProblem('L0013', `${key} has a manifest.json that is no JSON`, forms)
  throw error
}
