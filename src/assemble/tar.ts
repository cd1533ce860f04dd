import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Pack } from 'tar-stream'
import { pack } from 'tar-stream'
import { foldersOf } from './fat.ts'

export interface TarFile {
  readonly path: string
  readonly mode: number
  readonly sizeBytes: number
  readonly open: () => Readable
}

export interface TarLink {
  readonly path: string
  readonly target: string
}

/**
 * A tar stream that depends on its arguments alone: sorted names, every folder named before what is in it, owner root, one
 * time for all. Made while it is read.
 */
export const tarStream = (files: readonly TarFile[], links: readonly TarLink[], epoch: number): Readable => {
  const tar = pack()
  const common = { uid: 0, gid: 0, uname: 'root', gname: 'root', mtime: new Date(epoch * 1000) }
  const write = async (): Promise<void> => {
    for (const folder of foldersOf([...files, ...links].map(({ path }) => path))) {
      tar.entry({ ...common, name: `${folder}/`, type: 'directory', mode: 0o755 })
    }
    for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
      await writeFile(tar, file, common)
    }
    for (const link of [...links].sort((a, b) => (a.path < b.path ? -1 : 1))) {
      tar.entry({ ...common, name: link.path, type: 'symlink', linkname: link.target, mode: 0o777 })
    }
    tar.finalize()
  }
  write().catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))))
  return Readable.from(tar, { objectMode: false, highWaterMark: 1024 * 1024 })
}

const writeFile = async (tar: Pack, file: TarFile, common: object): Promise<void> => {
  const entry = tar.entry({ ...common, name: file.path, mode: file.mode, size: file.sizeBytes, type: 'file' })
  await pipeline(file.open(), entry)
}
