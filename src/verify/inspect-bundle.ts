import { createHash } from 'node:crypto'
import { extract } from 'tar-stream'
import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'

/** What a bundle holds, and what is wrong with it. */
export interface BundleInspection {
  readonly bundle: string
  readonly cluster: string
  readonly k3sVersion: string
  readonly architecture: string
  readonly payload: string
  readonly images: readonly string[]
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly sha256: string }[]
  /** Empty: whole, and every file as its checksum says. */
  readonly faults: readonly string[]
}

/** POSIX.1-1988, ustar: the magic stands at byte 257 of the first header. */
export const isTar = async (host: Host, path: string): Promise<boolean> => {
  const stat = await host.files.stat(path)
  if (stat?.isFile !== true || stat.sizeBytes < 512) return false
  return new TextDecoder('latin1').decode(await host.files.readRange(path, 257, 5)) === 'ustar'
}

interface ReadFile {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
  /** First bytes of the file, and the whole of a small text. */
  readonly start: Uint8Array
}

const mostTextBytes = 4 * 1024 * 1024

const readFiles = async (host: Host, path: string): Promise<{ files: ReadFile[]; isWhole: boolean }> => {
  const files: ReadFile[] = []
  const reader = extract()
  const source = host.files.openRead(path)
  source.on('error', (error) => reader.destroy(error))
  source.pipe(reader)
  try {
    for await (const entry of reader) {
      const hash = createHash('sha256')
      const kept: Uint8Array[] = []
      const { name, type, size = 0 } = entry.header
      for await (const chunk of entry as AsyncIterable<Uint8Array>) {
        hash.update(chunk)
        if (size <= mostTextBytes || kept.length === 0) kept.push(chunk)
      }
      if (type === 'file')
        files.push({ path: name, sizeBytes: size, sha256: hash.digest('hex'), start: Buffer.concat(kept) })
    }
    return { files, isWhole: true }
  } catch {
    return { files, isWhole: false }
  }
}

/** ELF e_machine: 0xb7 AArch64, 0x3e x86-64. */
const machines: Readonly<Record<number, string>> = { 183: 'arm64', 62: 'amd64' }

const architectureOf = (start: Uint8Array): string | undefined =>
  start[0] === 0x7f && start[1] === 0x45 ? machines[start[18] ?? 0] : undefined

const text = (files: readonly ReadFile[], path: string): string =>
  new TextDecoder().decode(files.find((file) => file.path === path)?.start)

interface Description {
  readonly bundleVersion?: unknown
  readonly cluster?: unknown
  readonly k3sVersion?: unknown
  readonly architecture?: unknown
  readonly payload?: unknown
  readonly files?: readonly { readonly path: string; readonly sizeBytes: number }[]
}

const readDescription = (files: readonly ReadFile[]): Description | undefined => {
  try {
    return JSON.parse(text(files, 'bundle.json')) as Description
  } catch {
    return undefined
  }
}

const checkSums = (files: readonly ReadFile[]): readonly string[] => {
  const sums = new Map(
    text(files, 'SHA256SUMS')
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  )
  const own = ['SHA256SUMS', 'bundle.json']
  return [
    ...(sums.size === 0 ? ['it has no SHA256SUMS'] : []),
    ...files
      .filter(({ path }) => !own.includes(path))
      .flatMap(({ path, sha256 }) => {
        const expected = sums.get(path)
        if (expected === undefined) return [`${path} is not in SHA256SUMS`]
        return expected === sha256 ? [] : [`${path} is not what SHA256SUMS says`]
      }),
    ...[...sums.keys()]
      .filter((path) => !files.some((file) => file.path === path))
      .map((path) => `${path} is missing`),
  ]
}

/** Reads a bundle through once and compares every file with its checksum. Throws only for what is no bundle at all. */
export const inspectBundle = async (host: Host, path: string): Promise<BundleInspection> => {
  const { files, isWhole } = await readFiles(host, path)
  const described = readDescription(files)
  if (described === undefined)
    throw new EnvironmentFault(
      isWhole ? `${path} is a tar, but no bundle` : `${path} is cut short before it says what it is`,
      'name a file that `appliance bundle` wrote, or copy it again',
    )
  const { bundleVersion, architecture = '' } = described
  const found = architectureOf(files.find((file) => file.path === 'bin/k3s')?.start ?? new Uint8Array())
  const sizes = (described.files ?? []).flatMap(({ path: name, sizeBytes }) => {
    const file = files.find((each) => each.path === name)
    if (file === undefined) return [`${name} is missing`]
    return file.sizeBytes === sizeBytes ? [] : [`${name} has ${file.sizeBytes} bytes instead of ${sizeBytes}`]
  })
  return {
    bundle: path,
    cluster: String(described.cluster),
    k3sVersion: String(described.k3sVersion),
    architecture: String(architecture),
    payload: String(described.payload),
    images: text(files, 'images.txt').split('\n').filter(Boolean),
    files: files.map(({ path: name, sizeBytes, sha256 }) => ({ path: name, sizeBytes, sha256 })),
    faults: [
      ...new Set([
        ...(bundleVersion === 1 ? [] : [`it is of version ${String(bundleVersion)}, not 1`]),
        ...(isWhole ? [] : ['it is cut short']),
        ...sizes,
        ...checkSums(files),
        ...(found === undefined || found === architecture
          ? []
          : [`it says ${String(architecture)}, and its k3s is for ${found}`]),
      ]),
    ],
  }
}
