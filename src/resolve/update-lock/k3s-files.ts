import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import {
  airgapName,
  binaryName,
  imageListName,
  parseImageList,
  parseSums,
  sumsName,
  upstreamRelease,
} from '../k3s-release.ts'
import type { Lock, LockedRelease } from '../lock.ts'
import type { InputStore, LockRequest } from '../lock-request.ts'
import type { Architecture, ArtifactPin } from '../pins.ts'
import { unpackedBytes } from './images/unpack.ts'

const isUrl = (text: string): boolean => /^https?:\/\//.test(text)

/** Where the release is: a URL that ends with a slash. */
const releaseUrl = (request: LockRequest): string => {
  const from = request.artifacts ?? upstreamRelease(request.k3sVersion)
  const url = isUrl(from) ? from : pathToFileURL(from).href
  return url.endsWith('/') ? url : `${url}/`
}

const checkFolder = async (host: Host, artifacts: string | null, names: readonly string[]): Promise<void> => {
  if (artifacts === null || isUrl(artifacts)) return
  for (const name of names) {
    if ((await host.files.stat(join(artifacts, name)))?.isFile) continue
    throw new EnvironmentFault(
      `${join(artifacts, name)} is missing`,
      `--artifacts wants a folder with the files of a k3s release: ${names.join(', ')}`,
    )
  }
}

const readStored = async (host: Host, store: InputStore, pin: ArtifactPin): Promise<string> =>
  (await host.files.readText(await store.path(pin))) ?? ''

/** The same name and version with other content: refused from a network address, said of a folder of the user's own. */
const checkUnchanged = (
  host: Host,
  request: LockRequest,
  found: ArtifactPin,
  pinned: ArtifactPin | undefined,
): void => {
  if (request.previous?.k3s.version !== request.k3sVersion || pinned === undefined) return
  if (pinned.name !== found.name || pinned.sha256 === found.sha256) return
  const message = `${found.name} of k3s ${request.k3sVersion} is not what the lock pins: now sha256 ${found.sha256}, pinned ${pinned.sha256}`
  if (request.artifacts !== null && !isUrl(request.artifacts)) {
    host.report.warn(`${message}; the file from ${request.artifacts} is pinned from now on`)
    return
  }
  throw new EnvironmentFault(
    message,
    'a release must not change: find out why; to accept it, remove the k3s part by deleting the lock file',
  )
}

const lockArchitecture = async (
  host: Host,
  store: InputStore,
  request: LockRequest,
  architecture: Architecture,
): Promise<LockedRelease> => {
  const base = releaseUrl(request)
  const names = { binary: binaryName(architecture), airgapImages: airgapName(architecture) }
  const sumsPin = await store.addDownload(base + sumsName(architecture), {})
  const sums = parseSums(await readStored(host, store, sumsPin))
  const fetchFile = async (name: string): Promise<ArtifactPin> => {
    const sha256 = sums.get(name)
    if (sha256 === undefined)
      throw new EnvironmentFault(
        `${base + sumsName(architecture)} lists no ${name}`,
        'check the k3s version and --artifacts: the files of one whole release are needed',
      )
    const expected = { name, sha256 }
    const previous = request.previous?.k3s.files[architecture]
    checkUnchanged(
      host,
      request,
      { ...expected, sizeBytes: 0 },
      [previous?.binary, previous?.airgapImages].find((pin) => pin?.name === name),
    )
    return (await store.find(expected)) ?? store.addDownload(base + name, { expected, label: name })
  }
  const binary = await fetchFile(names.binary)
  const airgapImages = await fetchFile(names.airgapImages)
  const previous = request.previous?.k3s.files[architecture]
  const known =
    previous?.airgapImages.sha256 === airgapImages.sha256 ? previous.imagesUnpackedBytes : undefined
  const imagesUnpackedBytes = known ?? (await unpackedBytes(host, await store.path(airgapImages)))
  return { binary, airgapImages, imagesUnpackedBytes }
}

/** Pins and fetches the files of the k3s release, each checked against the release's own checksum list. */
export const lockK3s = async (host: Host, store: InputStore, request: LockRequest): Promise<Lock['k3s']> => {
  const architectures = Object.keys(request.requested) as Architecture[]
  await checkFolder(host, request.artifacts, [
    ...architectures.flatMap((each) => [sumsName(each), binaryName(each), airgapName(each)]),
    imageListName,
  ])
  const files: Partial<Record<Architecture, LockedRelease>> = {}
  for (const architecture of architectures) {
    files[architecture] = await lockArchitecture(host, store, request, architecture)
  }
  const imageList = await store.addDownload(releaseUrl(request) + imageListName, {})
  checkUnchanged(host, request, imageList, request.previous?.k3s.imageList)
  return {
    version: request.k3sVersion,
    source: request.artifacts ?? upstreamRelease(request.k3sVersion),
    files,
    imageList,
    imageNames: parseImageList(await readStored(host, store, imageList)),
  }
}
