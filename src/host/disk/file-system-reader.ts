/** A file system inside an image, read without a mount and without root. */
export interface FileSystemReader {
  readonly exists: (path: string) => Promise<boolean>
  /** Names in a folder, sorted; none where there is no such folder. */
  readonly list: (folder: string) => Promise<readonly string[]>
  readonly read: (path: string) => Promise<Uint8Array | undefined>
}
