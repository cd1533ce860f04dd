import type { Hash } from 'node:crypto'
import { StepFault } from '../diagnostics/fault.ts'
import type { RandomAccessFile } from '../host/files.ts'
import type { Host } from '../host/host.ts'
import { sha256InThread } from '../host/sha256-thread.ts'
import type { PartPiece } from './image-content.ts'
import { readChunks } from './read-chunks.ts'
import type { SharedPart } from './shared-parts.ts'
import { writeSparse } from './sparse-writer.ts'

/** Copies a part into an image and hashes it on the way. Whether it is what it was, the hash of the whole will tell. */
export const copyPart = async (
  host: Host,
  { part, offset, from, sizeBytes }: PartPiece,
  target: { readonly file: RandomAccessFile; readonly hash: Hash },
  onProgress: (copiedBytes: number) => void,
): Promise<void> => {
  const source = await host.files.open(part.path, 'read')
  try {
    const copy = (chunk: Uint8Array, position: number): Promise<void> => {
      const writing = writeSparse(target.file, chunk, offset + position)
      target.hash.update(chunk)
      onProgress(position + chunk.length)
      return writing
    }
    await readChunks(host, source, sizeBytes, copy, from)
  } finally {
    await source.close()
  }
}

/**
 * Compares a part with what was recorded when it was made, so that a bit that flipped in the cache since is never passed on.
 * A damaged part is removed: the next build makes it anew. `onChunk` runs beside the comparison, on another processor.
 */
export const checkPart = async (
  host: Host,
  part: SharedPart,
  onChunk: (chunk: Uint8Array, position: number) => void = () => undefined,
): Promise<void> => {
  const source = await host.files.open(part.path, 'read')
  try {
    const found = await sha256InThread(async (update) => {
      await readChunks(host, source, part.sizeBytes, (chunk, position) => {
        const updated = update(chunk)
        onChunk(chunk, position)
        return updated
      })
    })
    if (found === part.sha256) return
  } finally {
    await source.close()
  }
  await host.files.remove(part.folder)
  throw new StepFault(`${part.path} does not have the content it was made with (sha256 ${part.sha256})`, {
    help: 'it has been removed from the cache; run the build again, which makes it anew',
  })
}
