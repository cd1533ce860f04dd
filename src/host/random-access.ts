import { constants, promises as fs } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RandomAccessFile } from './files.ts'

const flags = { read: 'r', update: 'r+', create: 'w+' } as const

/** Opens a file for reads and writes at any position; see HostFiles.open. */
export const openRandomAccess = async (
  path: string,
  how: 'read' | 'update' | 'create',
): Promise<RandomAccessFile> => {
  const handle = await fs.open(path, flags[how], 0o600)
  return {
    read: async (target, position) => {
      let filled = 0
      while (filled < target.length) {
        const { bytesRead } = await handle.read(target, filled, target.length - filled, position + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return filled
    },
    write: async (bytes, position) => {
      let written = 0
      while (written < bytes.length) {
        const result = await handle.write(bytes, written, bytes.length - written, position + written)
        written += result.bytesWritten
      }
    },
    truncate: (sizeBytes) => handle.truncate(sizeBytes),
    sync: () => handle.sync(),
    close: () => handle.close(),
  }
}

/** Shares the blocks of `from` with a new file; false where the file system cannot. See HostFiles.clone. */
export const cloneFile = async (from: string, to: string): Promise<boolean> => {
  try {
    await fs.copyFile(from, to, constants.COPYFILE_FICLONE_FORCE)
    return true
  } catch (error) {
    if (!isCode(error, 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EINVAL', 'ENOSYS', 'ENOTTY')) throw error
    await fs.rm(to, { force: true })
    return false
  }
}

/** A hard link to a whole file appears at once and fails when the name is taken, also on a network file system. */
export const createExclusive = async (path: string, content: string, mode = 0o600): Promise<boolean> => {
  const directory = await fs.mkdtemp(join(dirname(path), '.lock-'))
  const whole = join(directory, 'lock')
  try {
    await fs.writeFile(whole, content, { mode })
    await fs.link(whole, path)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await fs.rm(directory, { recursive: true, force: true })
  }
}

export const freeBytes = async (directory: string): Promise<number> => {
  const { bavail, bsize } = await fs.statfs(directory)
  return bavail * bsize
}

const isCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
