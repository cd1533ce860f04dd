import { Buffer } from 'node:buffer'
import { posix } from 'node:path'
import type { Host } from '../host.ts'
import type { FileSystemReader } from './file-system-reader.ts'

/** A file system of a disk, by the words that GRUB has for it. */
export interface GrubPlace {
  readonly table: 'gpt' | 'mbr'
  /** Of the partition. */
  readonly number: number
  /** The folder that paths begin at; on btrfs a subvolume is one (grub manual 2.06, "Filesystems"). */
  readonly folder: string
}

const tables = { gpt: 'gpt', mbr: 'msdos' } as const

/** A name of GRUB's ends at a blank, and a device at a bracket: nothing but plain names goes in. */
const plainPath = /^\/[\w.+@/-]*$/

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
    const { exitCode } = await host.exec(['grub-fstest', image, ...words, place], {
      doing: `read a file system of ${image}`,
      onStdout: (chunk) => chunks.push(chunk),
      okCodes: [0, 1], // 1: there is no such file
    })
    return exitCode === 0 ? Buffer.concat(chunks) : undefined
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
    read: (path) => request(['cat'], path),
  }
}
