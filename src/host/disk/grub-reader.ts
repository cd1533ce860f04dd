import { Buffer } from 'node:buffer'
import { posix } from 'node:path'
import { StepFault } from '../../diagnostics/fault.ts'
import type { Host } from '../host.ts'
import type { FileSystemReader } from './file-system-reader.ts'
import { plainPath } from './file-system-reader.ts'

/** A file system of a disk, by the words that GRUB has for it. */
export interface GrubPlace {
  readonly table: 'gpt' | 'mbr'
  /** Of the partition. */
  readonly number: number
  /** The folder that paths begin at; on btrfs a subvolume is one (grub manual 2.06, "Filesystems"). */
  readonly folder: string
}

const tables = { gpt: 'gpt', mbr: 'msdos' } as const

/** As much of a file as is ever looked at: what is larger in an image of others is cut off, and fills no memory. */
const limit = 8 * 1024 * 1024

/** The words of grub-fstest(1) for a path that holds no file; every other fault is one of the file system. */
const nothingThere = /file `.*' not found|not a regular file|not a directory|too deep nesting of symlinks/

/**
 * Any file system that GRUB starts systems from, btrfs among them, read by its own drivers: grub-fstest(1). Relative links are
 * followed. Names that begin with a dot are not listed.
 */
export const createGrubReader = (
  host: Host,
  image: string,
  { table, number, folder }: GrubPlace,
): FileSystemReader => {
  const request = async (words: readonly string[], path: string): Promise<Uint8Array | undefined> => {
    if (!plainPath.test(path)) return undefined
    const chunks: Uint8Array[] = []
    const place = `(loop0,${tables[table]}${number})${folder}${path}`
    const doing = `read a file system of ${image}`
    const { exitCode, stderr } = await host.exec(['grub-fstest', image, ...words, place], {
      doing,
      env: { LC_ALL: 'C' },
      onStdout: (chunk) => chunks.push(chunk),
      okCodes: [0, 1],
      timeoutMs: 60_000,
    })
    if (exitCode === 0) return Buffer.concat(chunks)
    if (nothingThere.test(stderr)) return undefined
    throw new StepFault(`${doing}: ${stderr.trim()}`, {
      code: 'L0080',
      help: 'use the image as it was downloaded; `sha256` in the profile tells whether it came whole',
    })
  }
  const list = async (path: string): Promise<readonly string[]> =>
    new TextDecoder('latin1')
      .decode(await request(['ls'], path.endsWith('/') ? path : `${path}/`))
      .split(/\s+/)
      .map((name) => name.replace(/\/$/, ''))
      .filter((name) => name !== '')
      .sort()
  return {
    list,
    exists: async (path) => (await list(posix.dirname(path))).includes(posix.basename(path)),
    read: (path) => request(['-n', String(limit), 'cat'], path),
  }
}
