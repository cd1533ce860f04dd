import { Buffer } from 'node:buffer'
import type { RandomAccessFile } from '../host/files.ts'
import type { Host } from '../host/host.ts'

/** Small enough for the processor's cache, large enough that calls do not count. Two chunks are in memory at a time. */
const chunkSize = 1024 * 1024

/**
 * Reads `length` bytes of an open file, from its start or from `start`; while `work` has a chunk, the next one is read.
 * Chunks are in shared memory, so that a thread can be given them. Positions are counted from there. Returns how many bytes there were.
 */
export const readChunks = async (
  host: Host,
  file: RandomAccessFile,
  length: number,
  work: (chunk: Uint8Array, position: number) => Promise<void> | void,
  start = 0,
): Promise<number> => {
  let current = Buffer.from(new SharedArrayBuffer(chunkSize))
  let next = Buffer.from(new SharedArrayBuffer(chunkSize))
  const fill = (target: Buffer, position: number): Promise<number> =>
    file.read(target.subarray(0, Math.max(0, Math.min(length - position, chunkSize))), start + position)
  let filled = await fill(current, 0)
  let position = 0
  while (filled > 0) {
    host.signal.throwIfAborted()
    const reading = fill(next, position + filled)
    const [nextFilled] = await Promise.all([reading, work(current.subarray(0, filled), position)])
    position += filled
    filled = nextFilled
    ;[current, next] = [next, current]
  }
  return position
}
