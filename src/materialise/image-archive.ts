import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { StepFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import { withTask } from '../host/with-task.ts'
import type { ImageArchive } from '../plan/build-plan.ts'
import { canonicalJson } from '../plan/canonical-json.ts'
import type { ArtifactStore } from './artifact-store.ts'
import type { BuiltStore } from './built-store.ts'
import { hashGrowingFile } from './hash-growing-file.ts'
import { withWorkFolder } from './work-folder.ts'

export const imageArchiveName = 'images.tar.zst'

/** Raised when other bytes are made from the same images. */
const format = 1

/**
 * The same bytes whatever the number of processors is, as long as it is not 1 (zstd's manual, "-T#"). Level 3 keeps its
 * window at 2 MiB; layers are packed already, and higher levels only cost time.
 */
const packer = 'zstd -q -3 -T2'

/** ustar with fixed owners and times: the same in every version of GNU tar. Links lead to the store. */
const tarArgv = (target: string, folder: string, list: string): readonly string[] => [
  'tar',
  '--create',
  `--file=${target}`,
  `--use-compress-program=${packer}`,
  '--format=ustar',
  '--dereference',
  '--hard-dereference',
  ...['--owner=root:0', '--group=root:0', '--numeric-owner', '--mode=u=rw,go=r', '--mtime=@0'],
  '--no-recursion',
  `--directory=${folder}`,
  '--verbatim-files-from',
  `--files-from=${list}`,
]

/** zstd packs differently from version to version: `zstd --version` is part of what an archive is made from. */
const packerVersion = async (host: Host): Promise<string> => {
  const { stdout } = await host.exec(['zstd', '--version'], { doing: 'ask zstd for its version' })
  return /v(\d[\w.]*)/.exec(stdout)?.[1] ?? stdout.trim()
}

export interface ArchiveStores {
  readonly artifacts: ArtifactStore
  readonly built: BuiltStore
  /** Of the cache, for temporary files. */
  readonly cache: string
}

/** A folder with the archive's tree: documents, and a link for each blob into the store. Returns the names in order. */
const layTree = async (
  host: Host,
  artifacts: ArtifactStore,
  { documents, blobs }: ImageArchive,
  folder: string,
): Promise<readonly string[]> => {
  const names: string[] = []
  for (const { path, text } of documents) {
    await host.files.writeAtomic(join(folder, path), text)
    names.push(path)
  }
  await host.files.makeDirectory(join(folder, 'blobs/sha256'))
  for (const blob of blobs) {
    const path = `blobs/sha256/${blob.sha256}`
    await host.files.symlink(await artifacts.path(blob), join(folder, path))
    names.push(path)
  }
  return names
}

const pack = async (
  host: Host,
  { artifacts, cache }: ArchiveStores,
  archive: ImageArchive,
  target: string,
): Promise<string> =>
  withTask(host.report, `archive of ${archive.blobs.length} image blobs`, { unit: 'bytes' }, (task) =>
    withWorkFolder(host, cache, 'images', async (work) => {
      const tree = join(work, 'tree')
      await host.files.makeDirectory(tree)
      const names = await layTree(host, artifacts, archive, tree)
      const list = join(work, 'names')
      await host.files.writeAtomic(list, names.map((name) => `${name}\n`).join(''))
      await (await host.files.open(target, 'create')).close()
      const packing = host.exec(tarArgv(target, tree, list), { doing: 'pack the image archive' })
      const hashing = hashGrowingFile(host, target, packing, (bytes) => task.progress(bytes))
      await packing
      return hashing
    }),
  )

/**
 * All images of an architecture as one OCI archive, each blob once, as it is: digests stay what they were. Made once for
 * each set of images; returns the path.
 */
export const buildImageArchive = async (
  host: Host,
  stores: ArchiveStores,
  archive: ImageArchive,
): Promise<string> => {
  const { documents, blobs } = archive
  const madeFrom = canonicalJson({
    format,
    packer,
    version: await packerVersion(host),
    documents,
    blobs: blobs.map(({ sha256 }) => sha256),
  })
  const id = createHash('sha256').update(madeFrom).digest('hex')
  const folder = await stores.built.getOrBuild('images', id, async (work) => {
    const target = join(work, imageArchiveName)
    const sha256 = await pack(host, stores, archive, target)
    if ((await host.files.stat(target))?.sizeBytes === 0) throw new StepFault(`${target} is empty`)
    return { [imageArchiveName]: sha256 }
  })
  return join(folder, imageArchiveName)
}
