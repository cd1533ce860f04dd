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

/** File access. Paths are absolute or relative to the working directory. Missing files: undefined, never an exception, where a read says so. */
export interface HostFiles {
  readonly stat: (path: string) => Promise<FileStat | undefined>
  readonly readBytes: (path: string) => Promise<Uint8Array | undefined>
  readonly readText: (path: string) => Promise<string | undefined>
  /** Byte range of a file; short at its end. */
  readonly readRange: (path: string, offset: number, length: number) => Promise<Uint8Array>
  readonly list: (path: string) => Promise<readonly string[]>
  /** Temporary name beside the target, fsync, rename. Default mode 0644. */
  readonly writeAtomic: (
    path: string,
    content: string | Uint8Array,
    options?: { readonly mode?: number; readonly mtimeSeconds?: number },
  ) => Promise<void>
  readonly makeDirectory: (path: string, mode?: number) => Promise<void>
  readonly remove: (path: string) => Promise<void>
  /** Atomic within one file system. */
  readonly rename: (from: string, to: string) => Promise<void>
  /** Reflink where the file system can, else a copy that keeps holes. */
  readonly copy: (from: string, to: string) => Promise<void>
  readonly symlink: (target: string, path: string) => Promise<void>
  readonly chmod: (path: string, mode: number) => Promise<void>
  readonly openRead: (path: string, range?: { readonly start: number; readonly end: number }) => Readable
  /** Lower-case hex. */
  readonly sha256: (path: string) => Promise<string>
  /** A new empty directory under `parent` (default: the system's temp directory), removed on exit. */
  readonly makeTemporaryDirectory: (prefix: string, parent?: string) => Promise<string>
}
