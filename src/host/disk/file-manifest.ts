import type { Host } from '../host.ts'

/** sha256 of each file of a file system, by its path. */
export type FileManifest = ReadonlyMap<string, string>

/** `<64 hex>  <path>` of sha256sum(1), each ended by a zero byte. */
const parseSums = (text: string, folder: string): FileManifest =>
  new Map(
    text
      .split('\0')
      .filter((line) => line !== '')
      .map((line): readonly [string, string] => [line.slice(66 + folder.length + 1), line.slice(0, 64)])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )

export interface FileSystemPlace {
  /** Of an image, or of the file system alone. */
  readonly path: string
  /** Where in it the file system begins, bytes. */
  readonly offset: number
  readonly kind: 'fat' | 'ext'
}

/** Copies a whole file system out of a file, by mtools or debugfs, and hashes what was in it. */
export const fileManifest = async (
  host: Host,
  { path, offset, kind }: FileSystemPlace,
  workFolder?: string,
): Promise<FileManifest> => {
  const folder = await host.files.makeTemporaryDirectory('files-', workFolder)
  const doing = `read the files of a partition of ${path}`
  if (kind === 'fat') {
    const env = { MTOOLS_SKIP_CHECK: '1' }
    await host.exec(['mcopy', '-s', '-Q', '-n', '-i', `${path}@@${offset}`, '::/', folder], { doing, env })
  } else await host.exec(['debugfs', '-R', `rdump / ${folder}`, `${path}?offset=${offset}`], { doing })
  const argv = ['find', folder, '-type', 'f', '-exec', 'sha256sum', '--zero', '{}', '+']
  const { stdout } = await host.exec(argv, { doing })
  await host.files.remove(folder)
  return parseSums(stdout, folder)
}

/** The first file, beside those that were to be written, that is not what it was. Nobody has two names that differ by case. */
export const changedFile = (
  before: FileManifest,
  after: FileManifest,
  written: readonly string[],
): string | undefined => {
  const expected = new Set(written.map((path) => path.toLowerCase()))
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => !expected.has(path.toLowerCase()))
    .find((path) => before.get(path) !== after.get(path))
}
