import { stringify } from 'yaml'
import type { Diagnostic, Result } from '../diagnostics/diagnostic.ts'
import type { SourceFile } from '../diagnostics/source-file.ts'
import { parseYaml } from '../diagnostics/yaml/parse-yaml.ts'
import type { Path } from '../diagnostics/yaml/yaml-tree.ts'
import { printBaseImage, readBaseImage } from './base-image/locked-base-image.ts'
import { digestHex, isDigest, parseBlobLine, printBlobLine } from './blob-line.ts'
import { printKernel, readKernel } from './kernels/locked-kernel.ts'
import type { Lock, LockedImage } from './lock.ts'
import { parsePackageLine, printPackageLine } from './package-line.ts'
import type { Architecture, ArtifactPin, BlobPin, PackagePin } from './pins.ts'
import { printUserData, readLockedUserData } from './user-data/locked-user-data.ts'
import { printWorkloads, readLockedWorkloads } from './workloads/lock-section.ts'

const header = `# Every input of a build, by content. Written by \`appliance lock\`; commit it, do not edit it.
# Packages: name version architecture archive size sha256 path
`

type ByArchitecture<T> = Readonly<Partial<Record<Architecture, T>>>

const architectures: readonly Architecture[] = ['amd64', 'arm64']

const mapArchitectures = <A, B>(value: ByArchitecture<A>, convert: (item: A) => B): ByArchitecture<B> =>
  Object.fromEntries(
    architectures.flatMap((architecture) => {
      const item = value[architecture]
      return item === undefined ? [] : [[architecture, convert(item)]]
    }),
  )

/** The same lock always gives the same text. */
export const printLock = (lock: Lock): string => {
  const packageLines = (pins: readonly PackagePin[]): readonly string[] => pins.map(printPackageLine)
  const artifact = ({ name, sha256, sizeBytes }: ArtifactPin) => ({ name, sha256, sizeBytes })
  const document = {
    lockVersion: lock.lockVersion,
    created: lock.created,
    base: {
      recipe: lock.base.recipe,
      archives: lock.base.archives,
      requested: mapArchitectures(lock.base.requested, (names) => names),
      packages: mapArchitectures(lock.base.packages, packageLines),
      times: mapArchitectures(lock.base.times, (time) => time),
      kernels: mapArchitectures(lock.base.kernels, (kernels) =>
        Object.fromEntries(Object.entries(kernels).map(([key, kernel]) => [key, printKernel(kernel)])),
      ),
      ...(Object.keys(lock.base.firmware).length === 0
        ? {}
        : { firmware: mapArchitectures(lock.base.firmware, packageLines) }),
      tools: mapArchitectures(lock.base.tools, packageLines),
      ...(lock.base.image === null ? {} : { image: printBaseImage(lock.base.image) }),
    },
    k3s: {
      version: lock.k3s.version,
      source: lock.k3s.source,
      files: mapArchitectures(lock.k3s.files, ({ binary, airgapImages, imagesUnpackedBytes }) => ({
        binary: artifact(binary),
        airgapImages: artifact(airgapImages),
        ...(imagesUnpackedBytes === undefined ? {} : { imagesUnpackedBytes }),
      })),
      imageList: artifact(lock.k3s.imageList),
      imageNames: lock.k3s.imageNames,
    },
    files: lock.files.map(artifact),
    ...(lock.workloads.length === 0 ? {} : { workloads: printWorkloads(lock.workloads) }),
    ...(lock.userData.length === 0 ? {} : { userData: printUserData(lock.userData) }),
    ...(lock.images.length === 0 ? {} : { images: lock.images.map(imageDocument) }),
    ...(lock.cluster === undefined
      ? {}
      : { cluster: { name: lock.cluster.name, fingerprint: lock.cluster.fingerprint } }),
  }
  return `${header}${stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })}`
}

const imageDocument = ({ key, name, index, platforms }: LockedImage) => ({
  key,
  name,
  ...(index === null ? {} : { index: `sha256:${index}` }),
  platforms: mapArchitectures(platforms, ({ manifest, config, layers }) => ({
    manifest: printBlobLine(manifest),
    config: printBlobLine(config),
    layers: layers.map(printBlobLine),
  })),
})

class Unreadable extends Error {
  readonly path: Path
  constructor(path: Path) {
    super()
    this.path = path
  }
}

/** Reads one value of a known shape, or says where the first one is that is something else. */
const createReader = (root: unknown) => {
  const get = (path: Path): unknown =>
    path.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | null)?.[key], root)
  const text = (path: Path): string => {
    const value = get(path)
    if (typeof value !== 'string' || value === '') throw new Unreadable(path)
    return value
  }
  const list = (path: Path): readonly unknown[] => {
    const value = get(path)
    if (!Array.isArray(value)) throw new Unreadable(path)
    return value
  }
  const keys = (path: Path): readonly string[] => {
    const value = get(path)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unreadable(path)
    return Object.keys(value)
  }
  const texts = (path: Path): readonly string[] => list(path).map((_, index) => text([...path, index]))
  const natural = (path: Path): number => {
    const value = get(path)
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Unreadable(path)
    return value
  }
  const artifact = (path: Path): ArtifactPin => {
    const sizeBytes = natural([...path, 'sizeBytes'])
    const sha256 = text([...path, 'sha256'])
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Unreadable([...path, 'sha256'])
    return { name: text([...path, 'name']), sha256, sizeBytes }
  }
  const packages = (path: Path): readonly PackagePin[] =>
    list(path).map((line, index) => {
      const pin = parsePackageLine(line)
      if (pin === undefined) throw new Unreadable([...path, index])
      return pin
    })
  const choice = <T extends string>(path: Path, choices: readonly T[]): T => {
    const found = choices.find((each) => each === get(path))
    if (found === undefined) throw new Unreadable(path)
    return found
  }
  const parsed = <T>(path: Path, parse: (text: string) => T | undefined): T => {
    const value = parse(text(path))
    if (value === undefined) throw new Unreadable(path)
    return value
  }
  const byArchitecture = <T>(path: Path, read: (path: Path) => T): ByArchitecture<T> =>
    Object.fromEntries(
      keys(path).map((key) => {
        if (!architectures.some((architecture) => architecture === key)) throw new Unreadable([...path, key])
        return [key, read([...path, key])]
      }),
    )
  const has = (path: Path): boolean => get(path) !== undefined
  return { get, has, text, texts, choice, parsed, list, natural, keys, artifact, packages, byArchitecture }
}

const readCluster = ({ has, text }: ReturnType<typeof createReader>): Pick<Lock, 'cluster'> => {
  if (!has(['cluster'])) return {}
  const fingerprint = text(['cluster', 'fingerprint'])
  if (!/^[0-9a-f]{32}$/.test(fingerprint)) throw new Unreadable(['cluster', 'fingerprint'])
  return { cluster: { name: text(['cluster', 'name']), fingerprint } }
}

const readImage = (read: ReturnType<typeof createReader>, path: Path): LockedImage => {
  const index = read.get([...path, 'index'])
  if (index !== undefined && !isDigest(index)) throw new Unreadable([...path, 'index'])
  const blob = (at: Path): BlobPin => {
    const pin = parseBlobLine(read.get(at))
    if (pin === undefined) throw new Unreadable(at)
    return pin
  }
  return {
    key: read.text([...path, 'key']),
    name: read.text([...path, 'name']),
    index: index === undefined ? null : digestHex(index),
    platforms: read.byArchitecture([...path, 'platforms'], (at) => ({
      manifest: blob([...at, 'manifest']),
      config: blob([...at, 'config']),
      layers: read.list([...at, 'layers']).map((_, layer) => blob([...at, 'layers', layer])),
    })),
  }
}

const readLock = (root: unknown): Lock => {
  const read = createReader(root)
  const created = read.text(['created'])
  if (Number.isNaN(Date.parse(created))) throw new Unreadable(['created'])
  return {
    lockVersion: 1,
    created,
    base: {
      recipe: read.text(['base', 'recipe']),
      archives: Object.fromEntries(
        read.keys(['base', 'archives']).map((key) => [key, read.text(['base', 'archives', key])]),
      ),
      requested: read.byArchitecture(['base', 'requested'], read.texts),
      packages: read.byArchitecture(['base', 'packages'], read.packages),
      times: read.byArchitecture(['base', 'times'], read.natural),
      // Locks of before kernels stood apart have none: check-lock says that they are outgrown.
      kernels: read.has(['base', 'kernels'])
        ? read.byArchitecture(['base', 'kernels'], (path) =>
            Object.fromEntries(read.keys(path).map((key) => [key, readKernel(read, [...path, key])])),
          )
        : {},
      firmware: read.has(['base', 'firmware'])
        ? read.byArchitecture(['base', 'firmware'], read.packages)
        : {},
      tools: read.byArchitecture(['base', 'tools'], read.packages),
      image: readBaseImage(read),
    },
    k3s: {
      version: read.text(['k3s', 'version']),
      source: read.text(['k3s', 'source']),
      files: read.byArchitecture(['k3s', 'files'], (path) => ({
        binary: read.artifact([...path, 'binary']),
        airgapImages: read.artifact([...path, 'airgapImages']),
        ...(read.has([...path, 'imagesUnpackedBytes'])
          ? { imagesUnpackedBytes: read.natural([...path, 'imagesUnpackedBytes']) }
          : {}),
      })),
      imageList: read.artifact(['k3s', 'imageList']),
      imageNames: read.texts(['k3s', 'imageNames']),
    },
    files: read.list(['files']).map((_, index) => read.artifact(['files', index])),
    workloads: readLockedWorkloads(read),
    userData: readLockedUserData(read),
    images: read.has(['images'])
      ? read.list(['images']).map((_, index) => readImage(read, ['images', index]))
      : [],
    ...readCluster(read),
  }
}

/** User data of 256 KiB stands in one line, each character of it as six (`\\u001b`) at the worst. */
const longestLine = 2 * 1024 * 1024

/** Reads `<profile>.lock.yaml`. Faults: L0002 (not what `lock` writes), L0003 (another version). */
export const parseLock = (file: SourceFile): Result<Lock> => {
  const help = `run \`appliance lock ${file.path.replace(/\.lock\.yaml$/, '.yaml')}\``
  const [tree, faults] = parseYaml(file, longestLine)
  if (tree === undefined)
    return [undefined, faults.map((each) => ({ ...each, code: 'L0002' as const, help }))]
  const fault = (code: Diagnostic['code'], message: string, path: Path): Result<Lock> => [
    undefined,
    [{ code, severity: 'error', message, range: tree.locate(path), help }],
  ]
  const version = (tree.value as { lockVersion?: unknown }).lockVersion
  if (version === undefined) return fault('L0002', 'the lock lacks `lockVersion`', [])
  if (version !== 1)
    return fault('L0003', `the lock is of version ${String(version)}, not 1`, ['lockVersion'])
  try {
    return [readLock(tree.value), []]
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return fault('L0002', `\`${error.path.join('.')}\` is missing or not what \`lock\` writes`, error.path)
  }
}
