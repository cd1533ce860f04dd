import { dirname } from 'node:path/posix'
import type { Host } from '../host/host.ts'

export interface FatSource {
  /** Relative to the file system's root. */
  readonly path: string
  /** Path of a file on the building machine, or the content: secrets are fed by a pipe and lie in no other file. */
  readonly source: string | Uint8Array
}

export interface FatOptions {
  /** At most 11 characters. */
  readonly label: string
  /** 8 hex digits. */
  readonly volumeId: string
  readonly bits: 16 | 32
  readonly sizeBytes: number
  readonly sectorsPerCluster: number
  /** Seconds since 1970, for every time stamp. */
  readonly epoch: number
}

const mib = 1024 * 1024

/** The fewest clusters that make a FAT a FAT32; fewer, and firmware reads it as FAT16. */
const fat32Clusters = 65525

/** Room for a second kernel and initrd beside the first: an update writes its own before it removes the old. */
export const bootFatSize = (contentBytes: number): number =>
  Math.max(64 * mib, Math.ceil((contentBytes * 2.25) / (16 * mib)) * 16 * mib)

/** The largest clusters, up to 4 KiB, that still leave enough of them. */
export const fat32SectorsPerCluster = (sizeBytes: number): number => {
  const fits = [8, 4, 2, 1].find((sectors) => sizeBytes / (sectors * 512) > fat32Clusters * 1.02)
  return fits ?? 1
}

/** `--invariant` fixes what mkfs.vfat would take from the clock. */
export const mkfsVfatArgv = (image: string, options: FatOptions): readonly string[] => [
  'mkfs.vfat',
  '--invariant',
  ...['-F', String(options.bits)],
  ...['-n', options.label],
  ...['-i', options.volumeId],
  ...['-s', String(options.sectorsPerCluster)],
  ...['-S', '512'],
  image,
]

/** Makes a FAT file system in a file and fills it, without mounting it. Equal arguments give equal bytes. */
export const makeFat = async (
  host: Host,
  image: string,
  options: FatOptions,
  files: readonly FatSource[],
): Promise<void> => {
  const file = await host.files.open(image, 'create')
  await file.truncate(options.sizeBytes)
  await file.close()
  await host.exec(mkfsVfatArgv(image, options), { doing: `make the file system ${options.label}` })
  const run = (argv: readonly string[], input?: Uint8Array): Promise<unknown> =>
    host.exec(argv, {
      ...(input === undefined ? {} : { input }),
      env: { SOURCE_DATE_EPOCH: String(options.epoch), MTOOLS_SKIP_CHECK: '1' },
      doing: `fill the file system ${options.label}`,
    })
  const folders = foldersOf(files.map(({ path }) => path))
  if (folders.length > 0) await run(['mmd', '-i', image, ...folders.map((folder) => `::${folder}`)])
  for (const { path, source } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (typeof source === 'string') await run(['mcopy', '-i', image, source, `::${path}`])
    else await run(['mcopy', '-i', image, '-', `::${path}`], source)
  }
}

/** Every folder a path needs, parents first: `['a/b/c']` -> `['a', 'a/b']`. */
export const foldersOf = (paths: readonly string[]): readonly string[] => {
  const folders = new Set<string>()
  for (const path of paths) {
    for (let folder = dirname(path); folder !== '.' && folder !== '/'; folder = dirname(folder))
      folders.add(folder)
  }
  return [...folders].sort()
}
