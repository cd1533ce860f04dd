import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cancelled, EnvironmentFault, StepFault } from '../../../diagnostics/fault.ts'
import type { Host } from '../../../host/host.ts'
import type { ImageReference } from '../../../profile/image-reference.ts'
import { imageName, printImageReference } from '../../../profile/image-reference.ts'
import { blobArtifacts } from '../../image-pins.ts'
import type { ImageRequest } from '../../image-requests.ts'
import type { InputStore, PullRequest } from '../../lock-request.ts'
import type { BlobPin, ImagePin } from '../../pins.ts'
import type { Descriptor } from './documents.ts'
import {
  BadDocument,
  isIndexType,
  platformOf,
  readConfig,
  readIndex,
  readManifest,
  sha256Of,
  typeOf,
} from './documents.ts'
import type { FoundImage } from './found-image.ts'
import { ImageProblem } from './image-problem.ts'
import type { Pulled } from './registry-fault.ts'
import { registryFault } from './registry-fault.ts'
import type { SkopeoAccess } from './skopeo.ts'
import { skopeoAccess, sourceOptions } from './skopeo.ts'
import { skopeoFailure } from './skopeo-failure.ts'

/** Milliseconds before the second and third attempt; skopeo itself waits as long as a 429 asks for, five times. */
const pausesMs = [1000, 4000]

export interface RegistryImages {
  readonly images: readonly FoundImage[]
  readonly platforms: readonly string[]
}

/** One image at one registry. */
interface Session {
  readonly host: Host
  readonly store: InputStore
  readonly work: string
  readonly access: SkopeoAccess
  readonly reference: ImageReference
  readonly pulled: Pulled
}

/** Runs skopeo until it succeeds or fails for a reason that another attempt does not change. */
const run = async (
  { host, access, pulled }: Session,
  words: readonly string[],
  options: { readonly stdoutFile?: string; readonly onLine?: (line: string) => void } = {},
): Promise<void> => {
  for (let tries = 0; ; tries += 1) {
    try {
      await host.exec(['skopeo', ...access.global, ...words], {
        env: access.env,
        doing: `fetch ${pulled.name}`,
        ...options,
      })
      return
    } catch (error) {
      if (!(error instanceof StepFault)) throw error
      const failure = skopeoFailure(error.lastLines.join('\n'))
      const pause = pausesMs[tries]
      if (failure !== 'interrupted' || pause === undefined)
        throw await registryFault(host, pulled, failure, error)
      host.report.warn(
        `${pulled.name}: ${error.lastLines.at(-1) ?? error.message}; trying again in ${pause / 1000} s`,
      )
      await sleep(pause, undefined, { signal: host.signal }).catch(() => {
        throw new Cancelled('cancelled')
      })
    }
  }
}

const address = (reference: ImageReference): string => `docker://${printImageReference(reference)}`

/** skopeo takes a tag or a digest, not both: the digest says more. */
const byDigest = (reference: ImageReference, sha256: string): ImageReference => ({
  ...reference,
  tag: undefined,
  digest: sha256,
})

const firstAsked = (reference: ImageReference): ImageReference =>
  reference.digest === undefined
    ? { ...reference, tag: reference.tag ?? 'latest' }
    : byDigest(reference, reference.digest)

let documentCount = 0

/** A document as the registry sends it, checked against the digest it was asked by. */
const fetchDocument = async (
  session: Session,
  reference: ImageReference,
  expected: string | undefined,
  form: readonly string[] = [],
): Promise<Uint8Array> => {
  const { host, access, pulled, work } = session
  documentCount += 1
  const path = join(work, `document-${documentCount}`)
  await run(session, ['inspect', '--raw', ...form, ...access.login, address(reference)], { stdoutFile: path })
  const bytes = (await host.files.readBytes(path)) ?? new Uint8Array()
  if (expected !== undefined && sha256Of(bytes) !== expected)
    throw new EnvironmentFault(
      `${pulled.registry} sent something else than ${pulled.name} is: sha256:${sha256Of(bytes)} instead of sha256:${expected}`,
      'nothing of it was kept; run it again, and find out what changes it on the way',
      { code: 'L0018', at: pulled.at },
    )
  return bytes
}

/** Of the store, or from the registry into it. */
const document = async (
  session: Session,
  blob: Pick<BlobPin, 'sha256'>,
  name: string,
  ask: () => Promise<Uint8Array>,
): Promise<Uint8Array> => {
  const { host, store, work } = session
  const kept = await store.find({ name, sha256: blob.sha256 })
  if (kept !== undefined) return (await host.files.readBytes(await store.path(kept))) ?? new Uint8Array()
  const bytes = await ask()
  const path = join(work, `keep-${blob.sha256}`)
  await host.files.writeAtomic(path, bytes)
  await store.moveFile(path, { name, sha256: blob.sha256 })
  return bytes
}

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
  const task = host.report.task(`pull ${pulled.name}, ${missing} of ${names.size} layers`, { unit: 'items' })
  try {
    await run(session, [
      'copy',
      '--remove-signatures',
      '--dest-shared-blob-dir',
      join(blobs, '..'),
      '--dest-oci-accept-uncompressed-layers',
      ...sourceOptions(access.login),
      address(byDigest(reference, image.manifest.sha256)),
      `oci:${join(work, `layout-${image.manifest.sha256}`)}`,
    ])
    task.done()
  } catch (fault) {
    task.fail()
    throw fault
  } finally {
    await keepLayers(session, blobs, names)
  }
}

/** A manifest with its configuration and layers, all in the store. */
const pullPlatform = async (
  session: Session,
  sha256: string,
  first: Uint8Array | undefined,
): Promise<{ readonly platform: string; readonly image: ImagePin; readonly layers: () => Promise<void> }> => {
  const { reference, pulled } = session
  const at = byDigest(reference, sha256)
  const bytes = await document(session, { sha256 }, `${pulled.name}, manifest`, () =>
    first === undefined ? fetchDocument(session, at, sha256) : Promise.resolve(first),
  )
  const { config, layers } = readManifest(bytes)
  const configBytes = await document(session, config, `${pulled.name}, configuration`, () =>
    fetchDocument(session, at, config.sha256, ['--config']),
  )
  const manifest = { mediaType: typeOf(bytes), sha256, sizeBytes: bytes.length }
  const image = { manifest, config, layers }
  return { platform: readConfig(configBytes).platform, image, layers: () => fetchLayers(session, image) }
}

const platformText = ({ platform }: Descriptor): string =>
  platform === undefined ? 'unknown' : `${platform.os}/${platform.architecture}`

/**
 * The image of a reference for every architecture that is asked for, by skopeo. A tag is asked once, for the digest that it
 * means now; from then on everything is asked by digest.
 */
export const pullImage = async (
  host: Host,
  store: InputStore,
  work: string,
  lockRequest: PullRequest,
  request: ImageRequest,
  reference: ImageReference,
): Promise<RegistryImages> => {
  const session = await openSession(host, store, work, lockRequest, request, reference)
  try {
    const first = await fetchDocument(session, firstAsked(reference), reference.digest)
    return await readFirst(session, request, first, request.as ?? imageName(reference))
  } catch (error) {
    throw formProblem(error, reference)
  }
}

/** One platform of an image, by the digest that a lock has of its manifest. */
export const pullPinned = async (
  host: Host,
  store: InputStore,
  work: string,
  lockRequest: PullRequest,
  request: ImageRequest,
  reference: ImageReference,
  sha256: string,
): Promise<void> => {
  const session = await openSession(host, store, work, lockRequest, request, reference)
  try {
    await (await pullPlatform(session, sha256, undefined)).layers()
  } catch (error) {
    throw formProblem(error, reference)
  }
}

const formProblem = (error: unknown, reference: ImageReference): unknown =>
  error instanceof BadDocument
    ? new ImageProblem(
        'L0013',
        `${printImageReference(reference)} ${error.message}`,
        'it is no container image of a form that containerd reads',
      )
    : error

const openSession = async (
  host: Host,
  store: InputStore,
  work: string,
  lockRequest: PullRequest,
  request: ImageRequest,
  reference: ImageReference,
): Promise<Session> => {
  if (host.offline)
    throw new EnvironmentFault(
      `the image ${printImageReference(reference)} is needed, and --offline forbids the network`,
      'run the command once without --offline',
      { at: request.at },
    )
  return {
    host,
    store,
    work,
    reference,
    access: await skopeoAccess(host, work, lockRequest, reference),
    pulled: {
      name: printImageReference(reference),
      registry: reference.registry,
      settings: lockRequest.pull.find(({ registry }) => registry === reference.registry),
      at: request.at,
    },
  }
}

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
