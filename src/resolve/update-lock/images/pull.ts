import { join } from 'node:path'
import { withTask } from '../../../host/with-task.ts'
import type { ImageReference } from '../../../profile/image-reference.ts'
import { imageName } from '../../../profile/image-reference.ts'
import { blobArtifacts } from '../../image-pins.ts'
import type { ImageRequest } from '../../image-requests.ts'
import type { ImagePin } from '../../pins.ts'
import type { Descriptor } from './documents.ts'
import {
  isIndexType,
  platformOf,
  readConfig,
  readIndex,
  readManifest,
  sha256Of,
  typeOf,
} from './documents.ts'
import type { FoundImage } from './found-image.ts'
import type { ImageReading } from './image-reading.ts'
import type { Session } from './registry-session.ts'
import {
  addressOf,
  byDigest,
  fetchDocument,
  runSkopeo,
  storedDocument,
  withSession,
} from './registry-session.ts'
import { sourceOptions } from './skopeo.ts'

export interface RegistryImages {
  readonly images: readonly FoundImage[]
  readonly platforms: readonly string[]
}

const firstAsked = (reference: ImageReference): ImageReference =>
  reference.digest === undefined
    ? { ...reference, tag: reference.tag ?? 'latest' }
    : byDigest(reference, reference.digest)

/** Layers that came whole go into the store, also of a pull that failed: the next one asks only for the others. */
const keepLayers = async (
  { host, store }: Session,
  blobs: string,
  names: ReadonlyMap<string, string>,
): Promise<void> => {
  for (const [sha256, name] of names) {
    const path = join(blobs, sha256)
    const stat = await host.files.stat(path)
    if (stat === undefined || (await store.find({ name, sha256 })) !== undefined) continue
    await store.moveFile(path, { name, sha256 })
  }
}

/** Layers, those that the store lacks. skopeo checks each against its digest, and takes what lies in the folder as it is. */
const fetchLayers = async (session: Session, image: ImagePin): Promise<void> => {
  const { host, store, work, access, reference, pulled } = session
  const artifacts = blobArtifacts(pulled.name, image)
  const names = new Map(artifacts.slice(2).map(({ sha256, name }) => [sha256, name]))
  const blobs = join(work, `blobs-${image.manifest.sha256}`, 'sha256')
  await host.files.makeDirectory(blobs)
  let missing = 0
  for (const [sha256, name] of names) {
    const kept = await store.find({ name, sha256 })
    if (kept === undefined) missing += 1
    else await host.files.symlink(await store.path(kept), join(blobs, sha256))
  }
  if (missing === 0) return
  const words = [
    'copy',
    '--remove-signatures',
    '--dest-shared-blob-dir',
    join(blobs, '..'),
    '--dest-oci-accept-uncompressed-layers',
    ...sourceOptions(access.login),
    addressOf(byDigest(reference, image.manifest.sha256)),
    `oci:${join(work, `layout-${image.manifest.sha256}`)}`,
  ]
  const label = `pull ${pulled.name}, ${missing} of ${names.size} layers`
  await withTask(host.report, label, { unit: 'items' }, () => runSkopeo(session, words)).finally(() =>
    keepLayers(session, blobs, names),
  )
}

/** A manifest with its configuration and layers, all in the store. */
const pullPlatform = async (
  session: Session,
  sha256: string,
  first: Uint8Array | undefined,
): Promise<{ readonly platform: string; readonly image: ImagePin; readonly layers: () => Promise<void> }> => {
  const { reference, pulled } = session
  const at = byDigest(reference, sha256)
  const bytes = await storedDocument(session, { sha256 }, `${pulled.name}, manifest`, () =>
    first === undefined ? fetchDocument(session, at, sha256) : Promise.resolve(first),
  )
  const { config, layers } = readManifest(bytes)
  const configBytes = await storedDocument(session, config, `${pulled.name}, configuration`, () =>
    fetchDocument(session, at, config.sha256, ['--config']),
  )
  const manifest = { mediaType: typeOf(bytes), sha256, sizeBytes: bytes.length }
  const image = { manifest, config, layers }
  return { platform: readConfig(configBytes).platform, image, layers: () => fetchLayers(session, image) }
}

const platformText = ({ platform }: Descriptor): string =>
  platform === undefined ? 'unknown' : `${platform.os}/${platform.architecture}`

const readFirst = async (
  session: Session,
  request: ImageRequest,
  first: Uint8Array,
  name: string,
): Promise<RegistryImages> => {
  const found: FoundImage[] = []
  const list = isIndexType(typeOf(first)) ? (readIndex(first) ?? []) : undefined
  if (list === undefined) {
    const { platform, image, layers } = await pullPlatform(session, sha256Of(first), first)
    if (request.architectures.some((each) => platformOf(each) === platform)) {
      await layers()
      found.push({ name, platform, image, index: null })
    }
    return { images: found, platforms: [platform] }
  }
  const platforms = [...new Set(list.map(platformText))]
    .filter((text) => !text.startsWith('unknown'))
    .toSorted()
  const wanted = request.architectures.map(platformOf)
  if (wanted.every((each) => platforms.includes(each))) {
    for (const platform of wanted) {
      const child = list.find((descriptor) => platformText(descriptor) === platform)
      if (child === undefined) continue
      const { image, layers } = await pullPlatform(session, child.sha256, undefined)
      await layers()
      found.push({ name, platform, image, index: sha256Of(first) })
    }
  }
  return { images: found, platforms }
}

/**
 * The image of a reference for every architecture that is asked for, by skopeo. A tag is asked once, for the digest that it
 * means now; from then on everything is asked by digest.
 */
export const pullImage = (reading: ImageReading, reference: ImageReference): Promise<RegistryImages> =>
  withSession(reading, reference, async (session) => {
    const { request } = reading
    const first = await fetchDocument(session, firstAsked(reference), reference.digest)
    return readFirst(session, request, first, request.as ?? imageName(reference))
  })

/** One platform of an image, by the digest that a lock has of its manifest. */
export const pullPinned = (reading: ImageReading, reference: ImageReference, sha256: string): Promise<void> =>
  withSession(reading, reference, async (session) => {
    const { layers } = await pullPlatform(session, sha256, undefined)
    await layers()
  })
