import type { Readable } from 'node:stream'

export interface FileStat {
  readonly sizeBytes: number
  readonly isFile: boolean
  readonly isDirectory: boolean
  readonly mode: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly inode: number
  /** Bytes allocated on disk; less than sizeBytes for a sparse file. */
  readonly allocatedBytes: number
}

/** An open file for reads and writes anywhere in it; bytes never written stay holes. */
export interface RandomAccessFile {
  /** Fills `target` from `position`; the number of bytes read is less only at the end of the file. */
  readonly read: (target: Uint8Array, position: number) => Promise<number>
  readonly write: (bytes: Uint8Array, position: number) => Promise<void>
  readonly truncate: (sizeBytes: number) => Promise<void>
  readonly sync: () => Promise<void>
  readonly close: () => Promise<void>
}

/** File access. Paths are absolute or relative to the working directory. Missing files: undefined, never an exception, where a read says so. */
export interface HostFiles {
  readonly stat: (path: string) => Promise<FileStat | undefined>
  readonly readBytes: (path: string) => Promise<Uint8Array | undefined>
  readonly readText: (path: string) => Promise<string | undefined>
  /** Byte range of a file; short at its end. */
  readonly readRange: (path: string, offset: number, length: number) => Promise<Uint8Array>
  readonly list: (path: string) => Promise<readonly string[]>
  /**
   * Temporary name beside the target, rename: whole or as it was, whenever the process is killed. `durable`: also when the
   * power fails, and on the disk when this returns. Default mode 0644.
   */
  readonly writeAtomic: (
    path: string,
    content: string | Uint8Array,
    options?: { readonly mode?: number; readonly mtimeSeconds?: number; readonly durable?: boolean },
  ) => Promise<void>
  readonly makeDirectory: (path: string, mode?: number) => Promise<void>
  readonly remove: (path: string) => Promise<void>
  /** Removes a directory that holds nothing; false, and nothing done, where it holds something or is none. */
  readonly removeEmpty: (path: string) => Promise<boolean>
  /**
   * Atomic within one file system. Syncs nothing, which would take longer than making the file: what can be made again is
   * recognised after a power cut by its size, which file systems put on the disk after the bytes.
   */
  readonly rename: (from: string, to: string) => Promise<void>
  /** Reflink where the file system can, else a copy that keeps holes. */
  readonly copy: (from: string, to: string) => Promise<void>
  /** Copies by sharing blocks; false, with nothing left behind, where the file system cannot. */
  readonly clone: (from: string, to: string) => Promise<boolean>
  /** `create`: made anew (mode 0600) or emptied; `read`: must exist; `update`: must exist, may be written. */
  readonly open: (path: string, how: 'read' | 'update' | 'create') => Promise<RandomAccessFile>
  /** Makes the file whole and at once, or returns false when the name is taken. For locks. */
  readonly createExclusive: (path: string, content: string, mode?: number) => Promise<boolean>
  /** Writes what is in a file's or directory's cache to the disk. */
  readonly sync: (path: string) => Promise<void>
  /** Bytes that an ordinary user may still write below this directory. */
  readonly freeBytes: (directory: string) => Promise<number>
  readonly symlink: (target: string, path: string) => Promise<void>
  readonly chmod: (path: string, mode: number) => Promise<void>
  /** `end` is the first byte that is not read. */
  readonly openRead: (path: string, range?: { readonly start: number; readonly end: number }) => Readable
  /** Lower-case hex. */
  readonly sha256: (path: string) => Promise<string>
  /** A new empty directory under `parent` (default: the system's temp directory), removed on exit. */
  readonly makeTemporaryDirectory: (prefix: string, parent?: string) => Promise<string>
}
