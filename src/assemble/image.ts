import type { Hash } from 'node:crypto'
import { createHash } from 'node:crypto'
import type { RandomAccessFile } from '../host/files.ts'
import type { Host } from '../host/host.ts'
import type { Task } from '../host/reporter.ts'
import type { PartitionName } from '../plan/build-plan.ts'
import { copyPart, hashRange } from './copy-part.ts'
import type { Geometry } from './geometry.ts'
import { backupTableSize } from './geometry.ts'
import type { PartitionTable } from './partition-table.ts'
import type { SharedPart } from './shared-parts.ts'
import { hashZeros, writeSparse } from './sparse-writer.ts'

/** What an image is written from. */
export interface ImageContent {
  readonly geometry: Geometry<PartitionName>
  readonly table: PartitionTable
  readonly shared: readonly { readonly name: PartitionName; readonly part: SharedPart }[]
  readonly seed: Uint8Array
}

/** An image of which another node of the same board can be made: all but the seed is equal. */
export interface WrittenImage {
  readonly path: string
  /** State over everything before the seed. */
  readonly prefix: Hash
  readonly sha256: string
}

/** An image of an earlier build, with the hash of everything before its seed. */
export interface EarlierImage {
  readonly path: string
  readonly prefixSha256: string
}

export const placeOf = (
  geometry: Geometry<PartitionName>,
  name: PartitionName,
): { readonly offset: number; readonly size: number } => {
  const part = geometry.parts.find((candidate) => candidate.name === name)
  if (part === undefined) throw new Error(`the image has no partition ${name}`)
  return part
}

/** Writes everything before the seed and returns the state of the hash over it. */
const writePrefix = async (
  host: Host,
  file: RandomAccessFile,
  content: ImageContent,
  task: Task,
): Promise<Hash> => {
  const hash = createHash('sha256')
  await writeSparse(file, content.table.head, 0)
  hash.update(content.table.head)
  for (const { name, part } of content.shared) {
    const { offset, size } = placeOf(content.geometry, name)
    await copyPart(host, part, { file, position: offset, hash }, (copied) =>
      task.progress(offset + copied, name),
    )
    hashZeros(hash, size - part.sizeBytes)
  }
  return hash
}

/** Writes the seed, whole, and the end of the image; returns the hash of the image. */
const writeEnd = async (file: RandomAccessFile, content: ImageContent, prefix: Hash): Promise<string> => {
  const { geometry, seed, table } = content
  const place = placeOf(geometry, 'seed')
  const hash = prefix.copy()
  // Zeros too: the file may be a copy of another node's image, with that node's secrets in this place.
  await file.write(seed, place.offset)
  hash.update(seed)
  const backupOffset = geometry.imageSize - backupTableSize
  hashZeros(hash, backupOffset - place.offset - seed.length)
  await file.write(table.backup, backupOffset)
  hash.update(table.backup)
  return hash.digest('hex')
}

/** Hashes what is in the image already; undefined when it is not what it was. */
const readPrefix = async (
  host: Host,
  file: RandomAccessFile,
  length: number,
  expected: string,
  task: Task,
): Promise<Hash | undefined> => {
  const hash = createHash('sha256')
  await hashRange(host, file, length, hash, (done) => task.progress(done, 'compare'))
  return hash.copy().digest('hex') === expected ? hash : undefined
}

/**
 * Writes an image to `path`: from one of the same board that was just written, by reflink or sparse copy; from one of an
 * earlier build, where the file system shares blocks; else from its parts. The file is on the disk when this returns.
 */
export const writeImage = async (
  host: Host,
  path: string,
  content: ImageContent,
  from: { readonly sibling: WrittenImage | undefined; readonly earlier: EarlierImage | undefined },
  task: Task,
): Promise<WrittenImage> => {
  const { sibling, earlier } = from
  if (sibling !== undefined && !(await host.files.clone(sibling.path, path))) {
    await host.files.copy(sibling.path, path)
  }
  const cloned =
    sibling === undefined && earlier !== undefined && (await host.files.clone(earlier.path, path))
  const file = await host.files.open(path, sibling !== undefined || cloned ? 'update' : 'create')
  try {
    await file.truncate(content.geometry.imageSize)
    let prefix = sibling?.prefix
    if (cloned) {
      const { offset } = placeOf(content.geometry, 'seed')
      prefix = await readPrefix(host, file, offset, earlier?.prefixSha256 ?? '', task)
      if (prefix === undefined) await file.truncate(0)
      await file.truncate(content.geometry.imageSize)
    }
    prefix ??= await writePrefix(host, file, content, task)
    const sha256 = await writeEnd(file, content, prefix)
    await file.sync()
    return { path, prefix, sha256 }
  } finally {
    await file.close()
  }
}
