import type { Hash } from 'node:crypto'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { StepFault } from '../diagnostics/fault.ts'
import type { RandomAccessFile } from '../host/files.ts'
import type { Host } from '../host/host.ts'
import type { Progress } from '../host/reporter.ts'
import type { BuiltStore } from '../materialise/built-store.ts'
import { checkPart, copyPart } from './copy-part.ts'
import type { ImageContent } from './image-content.ts'
import { placeOf, prefixPieces } from './image-content.ts'
import { readChunks } from './read-chunks.ts'
import { hashZeros, writeSparse } from './sparse-writer.ts'

/** Everything before the seed: equal on all images of a board with equal parts, hence hashed for good but once. */

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** Identity of a prefix: table, parts and where they lie. */
export const prefixId = ({ table, parts, geometry }: ImageContent): string =>
  sha256(
    JSON.stringify([
      table.pieces.map(({ offset, bytes }) => [offset, sha256(bytes)]),
      parts.map(({ offset, from, sizeBytes, part }) => [offset, from, sizeBytes, part.sha256]),
      geometry,
    ]),
  )

const fileName = 'sha256'

/**
 * What the prefix must hash to, from the cache; the first time, from parts that are each compared with their record. With
 * `end`: what lies before that byte.
 */
export const prefixSha256 = async (
  host: Host,
  built: BuiltStore,
  content: ImageContent,
  end?: number,
): Promise<string> => {
  const id = end === undefined ? prefixId(content) : sha256(`${prefixId(content)} ${end}`)
  const folder = await built.getOrBuild('prefix', id, async (work) => {
    const hash = createHash('sha256')
    for (const { piece, padding } of prefixPieces(content, end)) {
      if ('bytes' in piece) hash.update(piece.bytes)
      else {
        const { from, sizeBytes } = piece
        await checkPart(host, piece.part, (chunk, position) => {
          const start = Math.max(0, from - position)
          const end = Math.min(chunk.length, from + sizeBytes - position)
          if (start < end) hash.update(chunk.subarray(start, end))
        })
      }
      hashZeros(hash, padding)
    }
    await host.files.writeAtomic(join(work, fileName), hash.digest('hex'))
  })
  return (await host.files.readText(join(folder, fileName))) ?? ''
}

/** Writes the prefix from its parts; the state of the hash over it. Finds the part that is not what it was. */
export const writePrefix = async (
  host: Host,
  file: RandomAccessFile,
  content: ImageContent,
  expected: string,
  task: Progress,
): Promise<Hash> => {
  const hash = createHash('sha256')
  for (const { piece, padding } of prefixPieces(content)) {
    if ('bytes' in piece) {
      await writeSparse(file, piece.bytes, piece.offset)
      hash.update(piece.bytes)
    } else {
      const report = (copied: number): void => task.progress(piece.offset + copied, piece.name)
      await copyPart(host, piece, { file, hash }, report)
    }
    hashZeros(hash, padding)
  }
  if (hash.copy().digest('hex') === expected) return hash
  for (const { part } of content.parts) await checkPart(host, part)
  throw new StepFault('what was written differs from what was read, though every part is right', {
    help: 'run the build again; should it happen again, test memory and disk of this machine',
  })
}

/** Hashes a prefix that is in the file already; undefined when it is not the expected one. */
export const readPrefix = async (
  host: Host,
  file: RandomAccessFile,
  content: ImageContent,
  expected: string,
  task: Progress,
): Promise<Hash | undefined> => {
  const hash = createHash('sha256')
  await readChunks(host, file, placeOf(content.geometry, 'seed').offset, (chunk, position) => {
    hash.update(chunk)
    task.progress(position + chunk.length, 'compare')
  })
  return hash.copy().digest('hex') === expected ? hash : undefined
}
