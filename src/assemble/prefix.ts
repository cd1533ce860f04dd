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
import { placeOf } from './image-content.ts'
import { readChunks } from './read-chunks.ts'
import { hashZeros, writeSparse } from './sparse-writer.ts'

/** Everything before the seed: equal on all images of a board with equal parts, hence hashed for good but once. */

/** Identity of a prefix: table, parts and where they lie. */
export const prefixId = ({ table, shared, geometry }: ImageContent): string => {
  const head = createHash('sha256').update(table.head).digest('hex')
  const content = JSON.stringify([head, shared.map(({ part }) => part.sha256), geometry])
  return createHash('sha256').update(content).digest('hex')
}

const fileName = 'sha256'

/** What the prefix must hash to, from the cache; the first time, from parts that are each compared with their record. */
export const prefixSha256 = async (host: Host, built: BuiltStore, content: ImageContent): Promise<string> => {
  const folder = await built.getOrBuild('prefix', prefixId(content), async (work) => {
    const hash = createHash('sha256').update(content.table.head)
    for (const { name, part } of content.shared) {
      await checkPart(host, part, (chunk) => hash.update(chunk))
      hashZeros(hash, placeOf(content.geometry, name).size - part.sizeBytes)
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
  const hash = createHash('sha256').update(content.table.head)
  await writeSparse(file, content.table.head, 0)
  for (const { name, part } of content.shared) {
    const { offset, size } = placeOf(content.geometry, name)
    const target = { file, position: offset, hash }
    await copyPart(host, part, target, (copied) => task.progress(offset + copied, name))
    hashZeros(hash, size - part.sizeBytes)
  }
  if (hash.copy().digest('hex') === expected) return hash
  for (const { part } of content.shared) await checkPart(host, part)
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
