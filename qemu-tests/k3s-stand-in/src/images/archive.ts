/** Reads an image archive in one pass and little memory: digests of all blobs are checked, small ones are kept. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as zlib from 'node:zlib'
import type { Header } from 'tar-stream'
import { extract } from 'tar-stream'
import { decideImages } from './layout.ts'
import type { StoredImage } from './store.ts'

/** The program runs on a Node that has it; the types are those of the Node that builds. */
const zstd = zlib as unknown as { createZstdDecompress(): Transform }

/** containerd's own limit for manifests, bytes. */
const LARGEST_DOCUMENT = 8 * 1024 * 1024

/** What an archive holds: sizes of all files, content of the small ones, by name. */
export interface ArchiveContents {
  readonly sizes: ReadonlyMap<string, number>
  readonly documents: ReadonlyMap<string, Buffer>
}

export async function readArchive(path: string): Promise<StoredImage[]> {
  return decideImages(await readContents(path))
}

export async function readContents(path: string): Promise<ArchiveContents> {
  const sizes = new Map<string, number>()
  const documents = new Map<string, Buffer>()
  const archive = extract()
  let entries = 0
  archive.on('entry', (header, stream, next) => {
    entries++
    readEntry(header, stream as unknown as AsyncIterable<Buffer>, sizes, documents).then(
      () => next(),
      (error: Error) => next(error),
    )
  })
  const decompress = decompressorFor(path)
  const source = createReadStream(path, { highWaterMark: 1024 * 1024 })
  await (decompress === null ? pipeline(source, archive) : pipeline(source, decompress, archive))
  if (entries === 0) throw new Error('unrecognized image format')
  return { sizes, documents }
}

async function readEntry(
  header: Header,
  stream: AsyncIterable<Buffer>,
  sizes: Map<string, number>,
  documents: Map<string, Buffer>,
): Promise<void> {
  const name = header.name.replace(/^\.\//, '')
  const size = header.size ?? 0
  const expected = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1]
  const keep = size <= LARGEST_DOCUMENT && !name.endsWith('.tar')
  const hash = createHash('sha256')
  const chunks: Buffer[] = []
  for await (const chunk of stream) {
    if (expected !== undefined) hash.update(chunk)
    if (keep) chunks.push(chunk)
  }
  if (header.type !== 'file') return
  const actual = expected === undefined ? expected : hash.digest('hex')
  if (actual !== expected) {
    throw new Error(
      `unexpected commit digest sha256:${actual}, expected sha256:${expected}: failed precondition`,
    )
  }
  sizes.set(name, size)
  if (keep && isDocument(name, chunks)) documents.set(name, Buffer.concat(chunks))
}

/** Layers begin with other bytes than JSON does; they need not be kept. */
function isDocument(name: string, chunks: readonly Buffer[]): boolean {
  return name.endsWith('.json') || name === 'oci-layout' || chunks[0]?.[0] === 0x7b || chunks[0]?.[0] === 0x5b
}

function decompressorFor(path: string): Transform | null {
  if (/\.(tar\.zst|tzst)$/.test(path)) return zstd.createZstdDecompress()
  if (/\.(tar\.gz|tgz)$/.test(path)) return zlib.createGunzip()
  if (path.endsWith('.tar')) return null
  throw new Error('the stand-in for k3s reads .tar, .tar.gz and .tar.zst archives only')
}
