import { join, resolve } from 'node:path'
import { EnvironmentFault } from '../../../diagnostics/fault.ts'
import type { Host } from '../../../host/host.ts'
import { blobArtifacts } from '../../image-pins.ts'
import type { ImageRequest } from '../../image-requests.ts'
import { imagesFor } from '../../image-requests.ts'
import type { Lock, LockedImage } from '../../lock.ts'
import type { InputStore, LockRequest, PullRequest } from '../../lock-request.ts'
import type { Architecture, BlobPin, ImagePin } from '../../pins.ts'
import { platformOf } from './documents.ts'
import type { BlobSource, FoundImage } from './found-image.ts'
import type { PlacedProblem } from './image-problem.ts'
import { ImageProblem } from './image-problem.ts'
import type { ImageReading } from './image-reading.ts'
import { localProblem, readLocalImages } from './local-images.ts'
import { pullImage, pullPinned } from './pull.ts'
import { readStorageImage } from './storage-images.ts'

/** What an image's source must give for it to be pinned. */
interface Readings {
  readonly images: readonly FoundImage[]
  readonly platforms: readonly string[]
  readonly keep: BlobSource['keep']
}

const lackingPlatform = (
  request: ImageRequest,
  what: string,
  missing: readonly Architecture[],
  platforms: readonly string[],
): ImageProblem =>
  new ImageProblem(
    'L0012',
    `${what} is not made for ${missing.map(platformOf).join(', ')}: it has ${platforms.join(', ') || 'no platform'}`,
    request.architectures.length > missing.length
      ? `keep it off those nodes: architectures: [${request.architectures.filter((each) => !missing.includes(each)).join(', ')}]`
      : 'take an image that is made for them',
  )

/** More than one content for a platform, whatever their names. */
const holdsSeveral = (images: readonly FoundImage[]): boolean => {
  const first = new Map<string, string>()
  return images.some(({ platform, image }) => {
    const known = first.get(platform) ?? image.manifest.sha256
    first.set(platform, known)
    return known !== image.manifest.sha256
  })
}

/** The images of a source by name; an image without one gets the name that the wish gives. */
const byName = (
  request: ImageRequest,
  images: readonly FoundImage[],
): ReadonlyMap<string, readonly FoundImage[]> => {
  if (request.as !== undefined) {
    if (!holdsSeveral(images)) return new Map([[request.as, images]])
    throw new ImageProblem(
      'L0014',
      `${request.key} holds several images, and \`as\` names one: ${images.map(({ name }) => name ?? 'one without a name').join(', ')}`,
      'leave out `as`, or give each image an archive of its own',
    )
  }
  const named = new Map<string, FoundImage[]>()
  for (const image of images) {
    if (image.name === undefined)
      throw new ImageProblem(
        'L0014',
        `${request.key} does not say what its image is called`,
        'name it: { ..., as: registry.example.com/app:1.4 }',
      )
    named.set(image.name, [...(named.get(image.name) ?? []), image])
  }
  return named
}

/** Keeps all blobs of the found images and pins them. */
const pinImages = async (
  request: ImageRequest,
  { images, platforms, keep }: Readings,
): Promise<readonly LockedImage[]> => {
  if (images.length === 0) throw lackingPlatform(request, request.key, request.architectures, platforms)
  const locked: LockedImage[] = []
  for (const [name, found] of byName(request, images)) {
    const pins: Partial<Record<Architecture, ImagePin>> = {}
    for (const architecture of request.architectures) {
      const image = found.find(({ platform }) => platform === platformOf(architecture))?.image
      if (image !== undefined) pins[architecture] = image
    }
    const missing = request.architectures.filter((each) => pins[each] === undefined)
    if (missing.length > 0) throw lackingPlatform(request, request.as ?? name, missing, platforms)
    for (const image of Object.values(pins)) await keepBlobs(name, image, keep)
    locked.push({ key: request.key, name, index: found[0]?.index ?? null, platforms: pins })
  }
  return locked
}

const keepBlobs = async (name: string, image: ImagePin, keep: BlobSource['keep']): Promise<void> => {
  const blobs: readonly BlobPin[] = [image.manifest, image.config, ...image.layers]
  const names = blobArtifacts(name, image)
  for (const [index, blob] of blobs.entries()) await keep(blob, names[index]?.name ?? name)
}

/** What a wish's source holds; each kind is read in its own way. Pulled images are in the store then. */
const readSource = async (reading: ImageReading): Promise<Readings> => {
  const { source } = reading.request
  switch (source.kind) {
    case 'registry':
      return { ...(await pullImage(reading, source.reference)), keep: async () => undefined }
    case 'storage':
      return readStorageImage(reading, source.name)
    case 'archive':
      return readLocalImages(reading, resolve(reading.pullRequest.folder, source.file))
    case 'layout':
      return readLocalImages(reading, resolve(reading.pullRequest.folder, source.folder))
  }
}

const lockOne = async (reading: ImageReading): Promise<readonly LockedImage[]> => {
  const { request } = reading
  try {
    return await pinImages(request, await readSource(reading))
  } catch (error) {
    if (error instanceof ImageProblem || request.source.kind === 'registry') throw error
    throw localProblem(error, request.key)
  }
}

/** A name that means something else than when it was last pinned: taken, since that was asked for, and said. */
const reportChanges = (host: Host, images: readonly LockedImage[], previous: Lock | null): void => {
  for (const { key, name, index, platforms } of images) {
    const before = previous?.images.find((image) => image.key === key && image.name === name)
    if (before === undefined) continue
    if (index !== null && before.index !== null && index !== before.index) {
      host.report.warn(
        `${name} is another image than the lock pinned: now sha256:${index}, before sha256:${before.index}`,
      )
      continue
    }
    for (const [architecture, image] of Object.entries(platforms) as [Architecture, ImagePin][]) {
      const pinned = before.platforms[architecture]?.manifest.sha256
      if (pinned !== undefined && pinned !== image.manifest.sha256)
        host.report.warn(
          `${name} for ${architecture} is another image than the lock pinned: now sha256:${image.manifest.sha256}, before sha256:${pinned}`,
        )
    }
  }
}

/** Two sources that give one name different contents. */
const checkNames = (
  images: readonly LockedImage[],
  requests: readonly ImageRequest[],
): readonly PlacedProblem[] => {
  const seen = new Map<string, { readonly sha256: string; readonly key: string }>()
  return images.flatMap(({ key, name, platforms }) =>
    (Object.entries(platforms) as [Architecture, ImagePin][]).flatMap(([architecture, { manifest }]) => {
      const first = seen.get(`${architecture} ${name}`)
      if (first === undefined) seen.set(`${architecture} ${name}`, { sha256: manifest.sha256, key })
      if (first === undefined || first.sha256 === manifest.sha256) return []
      return [
        {
          code: 'L0019' as const,
          message: `${key} brings another image named ${name} than ${first.key}`,
          help: 'give one another name with `as`, or leave one out',
          at: requests.find((request) => request.key === key)?.at ?? [],
        },
      ]
    }),
  )
}

/** Pins every image that the profile asks for and brings all blobs into the store. All problems are reported at once. */
export const lockImages = async (
  host: Host,
  store: InputStore,
  folder: string,
  request: LockRequest,
): Promise<Lock['images'] | { readonly problems: readonly PlacedProblem[] }> => {
  const images: LockedImage[] = []
  const problems: PlacedProblem[] = []
  for (const [number, wish] of request.images.entries()) {
    if (wish.unlessNamed && wish.architectures.every((each) => imagesFor(wish, images, each).length > 0))
      continue
    const work = join(folder, `image-${number}`)
    await host.files.makeDirectory(work)
    try {
      images.push(...(await lockOne({ host, store, work, pullRequest: request, request: wish })))
    } catch (error) {
      if (!(error instanceof ImageProblem)) throw error
      problems.push({ code: error.code, message: error.message, help: error.help, at: wish.at })
    } finally {
      await host.files.remove(work)
    }
  }
  problems.push(...checkNames(images, request.images))
  reportChanges(host, images, request.previous)
  return problems.length > 0 ? { problems } : images
}

/** Throws where the source cannot be read, or holds the image no more. */
const restoreLocal = async (reading: ImageReading, name: string, image: ImagePin): Promise<void> => {
  const { request: wish } = reading
  try {
    const { images, keep } = await readSource(reading)
    const found = images.find((each) => each.image.manifest.sha256 === image.manifest.sha256)
    if (found === undefined)
      throw new ImageProblem(
        'L0013',
        `${wish.key} does not hold ${name} as the lock pins it: sha256:${image.manifest.sha256}`,
        'bring back what it was, or run `appliance lock` for what it is now',
      )
    await keepBlobs(name, found.image, keep)
  } catch (error) {
    throw changedSource(error, wish)
  }
}

const isWhole = async (store: InputStore, name: string, image: ImagePin): Promise<boolean> => {
  for (const pin of blobArtifacts(name, image)) if ((await store.find(pin)) === undefined) return false
  return true
}

/** Of a source that is not what it was when it was pinned: the profile may be as it should, its surroundings are not. */
const changedSource = (error: unknown, { key, source, at }: ImageRequest): unknown => {
  if (source.kind === 'registry' || error instanceof EnvironmentFault) return error
  const { code, message, help } = error instanceof ImageProblem ? error : localProblem(error, key)
  return new EnvironmentFault(message, `the lock pins images of it: ${help}`, { code, at })
}

/**
 * Brings back blobs of pinned images that the store lacks, each from where it came: by digest from a registry, out of an
 * archive that is what it was. What cannot be had is left for the caller to miss.
 */
export const restoreImages = async (
  host: Host,
  store: InputStore,
  folder: string,
  request: PullRequest & { readonly images: readonly ImageRequest[] },
  pinned: readonly LockedImage[],
): Promise<void> => {
  for (const [number, { key, name, platforms }] of pinned.entries()) {
    const wish = request.images.find((each) => each.key === key)
    if (wish === undefined) continue
    for (const [architecture, image] of Object.entries(platforms) as [Architecture, ImagePin][]) {
      if (await isWhole(store, name, image)) continue
      const work = join(folder, `image-${number}-${architecture}`)
      await host.files.makeDirectory(work)
      const reading = { host, store, work, pullRequest: request, request: wish }
      if (wish.source.kind === 'registry') {
        if (host.offline) continue
        await pullPinned(reading, wish.source.reference, image.manifest.sha256)
      } else {
        await restoreLocal(reading, name, image)
      }
      await host.files.remove(work)
    }
  }
}
