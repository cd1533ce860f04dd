import type { Hash } from 'node:crypto'
import type { RandomAccessFile } from '../host/files.ts'
import type { Host } from '../host/host.ts'
import type { Progress } from '../host/reporter.ts'
import type { BuiltStore } from '../materialise/built-store.ts'
import type { ImageContent } from './image-content.ts'
import { placeOf } from './image-content.ts'
import { prefixSha256, readPrefix, writePrefix } from './prefix.ts'
import { hashZeros } from './sparse-writer.ts'

/** An image of which another node of the same board can be made: all but the seed is equal. */
export interface WrittenImage {
  readonly path: string
  /** State over everything before the seed. */
  readonly prefix: Hash
  readonly sha256: string
}

/** Images to start from, of the same prefix: one that was just written, or the path of one of an earlier build. */
export interface StartingPoints {
  readonly sibling: WrittenImage | undefined
  readonly earlier: string | undefined
}

/** Writes the seed, whole, and the end of the image; returns the hash of the image. */
const writeEnd = async (file: RandomAccessFile, content: ImageContent, prefix: Hash): Promise<string> => {
  const { geometry, seed, table } = content
  const place = placeOf(geometry, 'seed')
  const hash = prefix.copy()
  // Zeros too: the file may be a copy of another node's image, with that node's secrets in this place.
  await file.write(seed, place.offset)
  hash.update(seed)
  const endOffset = geometry.imageSize - table.end.length
  hashZeros(hash, endOffset - place.offset - seed.length)
  await file.write(table.end, endOffset)
  hash.update(table.end)
  return hash.digest('hex')
}

/**
 * Writes an image to `path`: from one of the same board that was just written, by reflink or sparse copy; from one of an
 * earlier build, where the file system shares blocks; else from its parts. Nothing is synced: see `rename` of the host.
 */
export const writeImage = async (
  host: Host,
  built: BuiltStore,
  path: string,
  content: ImageContent,
  { sibling, earlier }: StartingPoints,
  task: Progress,
): Promise<WrittenImage> => {
  if (sibling !== undefined && !(await host.files.clone(sibling.path, path))) {
    await host.files.copy(sibling.path, path)
  }
  const cloned = sibling === undefined && earlier !== undefined && (await host.files.clone(earlier, path))
  const file = await host.files.open(path, sibling !== undefined || cloned ? 'update' : 'create')
  try {
    await file.truncate(content.geometry.imageSize)
    const prefix = sibling?.prefix ?? (await makePrefix(host, built, file, content, cloned, task))
    const sha256 = await writeEnd(file, content, prefix)
    return { path, prefix, sha256 }
  } finally {
    await file.close()
  }
}

const makePrefix = async (
  host: Host,
  built: BuiltStore,
  file: RandomAccessFile,
  content: ImageContent,
  cloned: boolean,
  task: Progress,
): Promise<Hash> => {
  const expected = await prefixSha256(host, built, content)
  const found = cloned ? await readPrefix(host, file, content, expected, task) : undefined
  if (found !== undefined) return found
  // Holes are only left where the file reads as zeros.
  await file.truncate(0)
  await file.truncate(content.geometry.imageSize)
  return writePrefix(host, file, content, expected, task)
}
