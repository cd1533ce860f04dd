import { Buffer } from 'node:buffer'
import type { Hash } from 'node:crypto'
import { createHash } from 'node:crypto'
import { StepFault } from '../diagnostics/fault.ts'
import type { RandomAccessFile } from '../host/files.ts'
import type { Host } from '../host/host.ts'
import type { SharedPart } from './shared-parts.ts'
import { writeSparse } from './sparse-writer.ts'

/** Two chunks are in memory at a time, whatever the size of an image. */
const chunkSize = 4 * 1024 * 1024

/**
 * Copies a part into an image: one chunk is hashed and written while the next is read. The part's own hash is compared
 * with what was recorded when it was made, so that a bit that flipped in the cache since is never passed on.
 */
export const copyPart = async (
  host: Host,
  part: SharedPart,
  target: { readonly file: RandomAccessFile; readonly position: number; readonly hash: Hash },
  onProgress: (copiedBytes: number) => void,
): Promise<void> => {
  const own = createHash('sha256')
  const source = await host.files.open(part.path, 'read')
  try {
    let current = Buffer.allocUnsafe(chunkSize)
    let next = Buffer.allocUnsafe(chunkSize)
    let length = await source.read(current, 0)
    let copied = 0
    while (length > 0) {
      host.signal.throwIfAborted()
      const chunk = current.subarray(0, length)
      const reading = source.read(next, copied + length)
      const writing = writeSparse(target.file, chunk, target.position + copied)
      own.update(chunk)
      target.hash.update(chunk)
      const [nextLength] = await Promise.all([reading, writing])
      copied += length
      onProgress(copied)
      length = nextLength
      ;[current, next] = [next, current]
    }
    if (copied !== part.sizeBytes || own.digest('hex') !== part.sha256) await refuse(host, part)
  } finally {
    await source.close()
  }
}

/** Hashes the first bytes of an open file. */
export const hashRange = async (
  host: Host,
  file: RandomAccessFile,
  length: number,
  hash: Hash,
  onProgress: (hashedBytes: number) => void,
): Promise<void> => {
  let current = Buffer.allocUnsafe(chunkSize)
  let next = Buffer.allocUnsafe(chunkSize)
  let filled = await file.read(current.subarray(0, Math.min(length, chunkSize)), 0)
  for (let done = 0; filled > 0; ) {
    host.signal.throwIfAborted()
    const after = done + filled
    const reading = file.read(next.subarray(0, Math.min(length - after, chunkSize)), after)
    hash.update(current.subarray(0, filled))
    filled = await reading
    done = after
    onProgress(done)
    ;[current, next] = [next, current]
  }
}

const refuse = async (host: Host, part: SharedPart): Promise<never> => {
  await host.files.remove(part.folder)
  throw new StepFault(`${part.path} does not have the content it was made with (sha256 ${part.sha256})`, {
    help: 'it has been removed from the cache; run the build again, which makes it anew',
  })
}
