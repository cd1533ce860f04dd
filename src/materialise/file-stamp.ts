import type { FileStat } from '../host/files.ts'

/** What tells, without reading it, that a file is the one that was hashed: any write, rename or copy changes it. */
export const fileStamp = (stat: FileStat): string =>
  `${stat.sizeBytes} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.inode}`
