/**
 * What readers ask their programs for. A request of debugfs is a line of words, some of which write files here; a name of GRUB's
 * ends at a blank, and a device at a bracket: nothing but plain names goes in.
 */
export const plainPath = /^\/[\w.+@/-]*$/

/** A file system inside an image, read without a mount and without root. */
export interface FileSystemReader {
  readonly exists: (path: string) => Promise<boolean>
  /** Names in a folder, sorted; none where there is no such folder. */
  readonly list: (folder: string) => Promise<readonly string[]>
  readonly read: (path: string) => Promise<Uint8Array | undefined>
}
