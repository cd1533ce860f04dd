import { lockedBlobs } from './image-pins.ts'
import { upstreamRelease } from './k3s-release.ts'
import type { Lock } from './lock.ts'
import type { Architecture, ArtifactPin, PackagePin } from './pins.ts'
import { workloadArtifacts } from './workloads/lock-section.ts'

/** A pinned input and the URLs it may be had from, best first. */
export interface LockInput {
  readonly pin: ArtifactPin
  readonly urls: readonly string[]
}

export interface LockInputsOptions {
  /** Whose tools are needed: this machine's, or, for an export, those of every machine that may build. */
  readonly buildArchitectures: readonly Architecture[]
  /** URL of a folder with k3s release files, ending with a slash; null: only where the lock was made from. */
  readonly releaseUrl: string | null
  /** URL of a folder that `lock --export` wrote, ending with a slash; null: none. */
  readonly exportUrl: string | null
  /** `file:` URL of the profile's folder, ending with a slash: where a base image is that was on another machine when it was pinned. */
  readonly profileUrl: string | null
}

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`)

/** An export holds every input under its hash. */
export const exportedPath = (sha256: string): string => `store/${sha256.slice(0, 2)}/${sha256}`

/** `+` and `~` are safe in a path, but Debian's mirrors write `%2B`; both are the same file. */
const archiveUrl = (archive: string, filename: string): string =>
  withSlash(archive) + filename.split('/').map(encodeURIComponent).join('/')

const isUrl = (text: string): boolean => /^https?:\/\//.test(text)

/** An address, or a file as the profile names it. */
const baseImageInput = (
  { base: { image } }: Lock,
  exported: (pin: ArtifactPin) => readonly string[],
  profileUrl: string | null,
): readonly LockInput[] => {
  if (image === null) return []
  const path = image.source.split('/').map(encodeURIComponent).join('/')
  const beside = profileUrl === null ? [] : [new URL(path, profileUrl).href]
  const own = isUrl(image.source) ? [image.source] : beside
  return [{ pin: image.artifact, urls: [...exported(image.artifact), ...own] }]
}

/** Every input of a build, each once. */
export const lockInputs = (lock: Lock, options: LockInputsOptions): readonly LockInput[] => {
  const { releaseUrl, exportUrl } = options
  const exported = ({ sha256 }: { readonly sha256: string }): readonly string[] =>
    exportUrl === null ? [] : [exportUrl + exportedPath(sha256)]
  const fromArchive = (pin: PackagePin): LockInput => {
    const archive = lock.base.archives[pin.archive]
    return {
      pin: { name: `${pin.name} ${pin.version}`, sha256: pin.sha256, sizeBytes: pin.sizeBytes },
      urls: [...exported(pin), ...(archive === undefined ? [] : [archiveUrl(archive, pin.filename)])],
    }
  }
  const release = isUrl(lock.k3s.source) ? lock.k3s.source : upstreamRelease(lock.k3s.version)
  const fromRelease = (pin: ArtifactPin): LockInput => ({
    pin,
    urls: [
      ...exported(pin),
      ...(releaseUrl === null ? [] : [releaseUrl + pin.name]),
      withSlash(release) + pin.name,
    ],
  })
  const all = [
    ...Object.values(lock.base.packages).flatMap((pins) => pins.map(fromArchive)),
    ...Object.values(lock.base.kernels)
      .flatMap((kernels) => Object.values(kernels))
      .flatMap(({ packages }) => packages.map(fromArchive)),
    ...Object.values(lock.base.firmware).flatMap((pins) => pins.map(fromArchive)),
    ...options.buildArchitectures.flatMap((each) => (lock.base.tools[each] ?? []).map(fromArchive)),
    ...Object.values(lock.k3s.files).flatMap(({ binary, airgapImages }) => [
      fromRelease(binary),
      fromRelease(airgapImages),
    ]),
    fromRelease(lock.k3s.imageList),
    ...baseImageInput(lock, exported, options.profileUrl),
    ...[...lock.files, ...workloadArtifacts(lock.workloads), ...lockedBlobs(lock.images)].map((pin) => ({
      pin,
      urls: exported(pin),
    })),
  ]
  return [...new Map(all.map((input) => [input.pin.sha256, input])).values()]
}
