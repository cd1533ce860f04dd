import { createHash, randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { createReadStream } from 'node:fs'
import * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { FileStat, HostFiles } from './files.ts'
import { cloneFile, createExclusive, freeBytes, openRandomAccess } from './random-access.ts'

export interface NodeFilesContext {
  readonly exec: (argv: readonly string[], options: { readonly doing: string }) => Promise<unknown>
  readonly onExit: (undo: () => Promise<void>) => () => Promise<void>
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Bytes per read when a whole file is hashed. */
const readSize = 1024 * 1024

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

const undefinedWhenMissing = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

/** A full disk, a missing permission, a file in the place of a folder: each has a next step; anything else is passed on. */
const explain =
  (path: string) =>
  (error: unknown): never => {
    const help = {
      ENOSPC: `Free space on the file system of ${dirname(path)}, or point APPLIANCE_CACHE or -o elsewhere.`,
      EDQUOT: `Free space within the quota on ${dirname(path)}.`,
      EACCES: `Check who owns ${path} and its folders.`,
      EPERM: `Check who owns ${path} and its folders.`,
      EROFS: 'Choose a folder that can be written.',
      EEXIST: `Choose another folder: ${path} is a file.`,
      ENOTDIR: `Choose another folder: a part of ${path} is a file.`,
      EISDIR: `Choose another name: ${path} is a folder.`,
    }[codeOf(error) ?? '']
    if (help === undefined) throw error
    throw new EnvironmentFault(error instanceof Error ? error.message : String(error), help, { cause: error })
  }

const toFileStat = (stats: Stats): FileStat => ({
  sizeBytes: stats.size,
  isFile: stats.isFile(),
  isDirectory: stats.isDirectory(),
  mode: stats.mode & 0o7777,
  mtimeMs: stats.mtimeMs,
  ctimeMs: stats.ctimeMs,
  inode: stats.ino,
  allocatedBytes: stats.blocks * 512,
})

const sync = async (path: string): Promise<void> => {
  const handle = await fs.open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Mount points below a folder: removing through one would empty what is mounted there. */
const mountsBelow = async (path: string): Promise<readonly string[]> => {
  const table = await undefinedWhenMissing(fs.readFile('/proc/self/mountinfo', 'utf8'))
  const folder = `${resolve(path)}/`
  return (table ?? '')
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
    )
    .filter((point) => `${point}/`.startsWith(folder))
}

export const createNodeFiles = (context: NodeFilesContext): HostFiles => {
  const remove = async (path: string): Promise<void> => {
    const mounted = await mountsBelow(path)
    if (mounted[0] !== undefined) {
      throw new EnvironmentFault(
        `will not remove ${path}: ${mounted[0]} is mounted in it`,
        `Unmount it: umount -R ${mounted[0]}`,
      )
    }
    await fs.rm(path, { recursive: true, force: true, maxRetries: 2 }).catch(explain(path))
  }

  return {
    stat: async (path) => {
      const stats = await undefinedWhenMissing(fs.stat(path))
      return stats === undefined ? undefined : toFileStat(stats)
    },
    readBytes: (path) => undefinedWhenMissing(fs.readFile(path)),
    readText: (path) => undefinedWhenMissing(fs.readFile(path, 'utf8')),
    readRange: async (path, offset, length) => {
      const file = await openRandomAccess(path, 'read')
      try {
        const bytes = new Uint8Array(length)
        return bytes.subarray(0, await file.read(bytes, offset))
      } finally {
        await file.close()
      }
    },
    list: async (path) => (await fs.readdir(path)).sort(),
    writeAtomic: async (path, content, options = {}) => {
      const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
      const removeTemporary = context.onExit(() => fs.rm(temporary, { force: true }))
      try {
        const handle = await fs.open(temporary, 'wx', 0o600)
        try {
          await handle.writeFile(content)
          await handle.chmod(options.mode ?? 0o644)
          if (options.mtimeSeconds !== undefined)
            await handle.utimes(options.mtimeSeconds, options.mtimeSeconds)
          if (options.durable) await handle.sync()
        } finally {
          await handle.close()
        }
        await fs.rename(temporary, path)
        if (options.durable) await sync(dirname(path))
      } catch (error) {
        explain(path)(error)
      } finally {
        await removeTemporary()
      }
    },
    makeDirectory: async (path, mode) => {
      await fs.mkdir(path, { recursive: true, ...(mode === undefined ? {} : { mode }) }).catch(explain(path))
    },
    remove,
    removeEmpty: (path) =>
      fs.rmdir(path).then(
        () => true,
        () => false,
      ),
    rename: async (from, to) => {
      await fs.rename(from, to).catch(explain(to))
    },
    copy: async (from, to) => {
      await context.exec(
        ['cp', '--reflink=auto', '--sparse=always', '--no-target-directory', '--', from, to],
        { doing: `copy ${from}` },
      )
    },
    sync,
    clone: (from, to) => cloneFile(from, to).catch(explain(to)),
    open: (path, how) => openRandomAccess(path, how).catch(explain(path)),
    createExclusive: (path, content, mode) => createExclusive(path, content, mode).catch(explain(path)),
    freeBytes,
    symlink: (target, path) => fs.symlink(target, path),
    chmod: (path, mode) => fs.chmod(path, mode),
    openRead: (path, range) => {
      if (range === undefined) return createReadStream(path, { highWaterMark: readSize })
      // Node's `end` is inclusive, ours is not.
      if (range.end <= range.start) return Readable.from([])
      return createReadStream(path, { highWaterMark: readSize, start: range.start, end: range.end - 1 })
    },
    sha256: async (path) => {
      const hash = createHash('sha256')
      await pipeline(createReadStream(path, { highWaterMark: readSize }), hash)
      return hash.digest('hex')
    },
    makeTemporaryDirectory: async (prefix, parent) => {
      const folder = parent ?? context.environment['TMPDIR'] ?? tmpdir()
      const path = await fs.mkdtemp(join(folder, prefix)).catch(explain(folder))
      context.onExit(() => remove(path))
      return path
    },
  }
}
