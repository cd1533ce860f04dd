import { Buffer } from 'node:buffer'

/** What the first 100 bytes of an SQLite file tell (sqlite.org/fileformat2.html, "The Database Header"). */

/** Enough for the header and the whole first page, whatever its size. */
export const headBytes = 64 * 1024

const magic = 'SQLite format 3\0'

export const isSqlite = (head: Uint8Array): boolean =>
  Buffer.from(head.subarray(0, magic.length)).toString('latin1') === magic

const holds = (bytes: Uint8Array, text: string): boolean => Buffer.from(bytes).includes(text)

/** The tables of a file are named on its first page; those of a young one may be in the log alone. */
const kineTable = 'CREATE TABLE kine'

/** kine asks with `IF NOT EXISTS`, which SQLite leaves out of what it keeps. */
const hasKineTable = (parts: readonly Uint8Array[]): boolean =>
  parts.some((part) => holds(part, kineTable) || holds(part, 'CREATE TABLE "kine"'))

export interface SqliteParts {
  /** The first `headBytes` of state.db, or all of it. */
  readonly head: Uint8Array
  readonly sizeBytes: number
  /** The write-ahead log beside it; null when there is none or it is empty. */
  readonly log: { readonly head: Uint8Array; readonly sizeBytes: number } | null
}

/** Why this cannot be the datastore of a k3s; undefined when it can. */
export const datastoreFault = ({ head, sizeBytes, log }: SqliteParts): string | undefined => {
  const header = Buffer.from(head)
  if (!isSqlite(head) || header.length < 100) return 'it is no SQLite file'
  const stored = header.readUInt16BE(16)
  const pageBytes = stored === 1 ? 65536 : stored
  if (pageBytes < 512 || (pageBytes & (pageBytes - 1)) !== 0) return 'its header is damaged'
  const pages = header.readUInt32BE(28)
  // Older writers leave the number of pages alone; then these two differ.
  const isCounted = pages > 0 && header.readUInt32BE(24) === header.readUInt32BE(92)
  const isShort = sizeBytes % pageBytes !== 0 || (isCounted && sizeBytes < pages * pageBytes)
  if (isShort && log === null) return `it is cut short: ${sizeBytes} bytes of ${pages * pageBytes}`
  const logFault = log === null ? undefined : walFault(log, pageBytes)
  if (logFault !== undefined) return logFault
  if (!hasKineTable(log === null ? [head] : [head, log.head])) return 'it is an SQLite file, but not of k3s'
  return undefined
}

/** sqlite.org/fileformat2.html, "WAL Header Format". */
const walFault = (
  { head, sizeBytes }: NonNullable<SqliteParts['log']>,
  pageBytes: number,
): string | undefined => {
  const header = Buffer.from(head)
  if (sizeBytes < 32 || (header.readUInt32BE(0) & 0xfffffffe) >>> 0 !== 0x377f0682)
    return 'its log (state.db-wal) is damaged'
  return header.readUInt32BE(8) === pageBytes ? undefined : 'its log (state.db-wal) is of another file'
}
