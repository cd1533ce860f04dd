import { Buffer } from 'node:buffer'
import type { Hash } from 'node:crypto'
import type { RandomAccessFile } from '../host/files.ts'

/** Runs of zeros of this length and alignment become holes: 16 blocks of the usual file system. */
const holeSize = 64 * 1024

const zeroBlock = Buffer.alloc(holeSize)
const zeroChunk = Buffer.alloc(1024 * 1024)

const isZero = (block: Uint8Array): boolean =>
  zeroBlock.compare(block, 0, block.length, 0, block.length) === 0

/** Spans of a chunk that hold more than zeros, as [start, end) in whole blocks. */
export const dataSpans = (chunk: Uint8Array): readonly (readonly [number, number])[] => {
  const spans: [number, number][] = []
  for (let start = 0; start < chunk.length; start += holeSize) {
    const end = Math.min(start + holeSize, chunk.length)
    if (isZero(chunk.subarray(start, end))) continue
    const last = spans.at(-1)
    if (last !== undefined && last[1] === start) last[1] = end
    else spans.push([start, end])
  }
  return spans
}

/** Writes a chunk into a file that reads as zeros there, leaving holes. */
export const writeSparse = async (
  file: RandomAccessFile,
  chunk: Uint8Array,
  position: number,
): Promise<void> => {
  for (const [start, end] of dataSpans(chunk)) await file.write(chunk.subarray(start, end), position + start)
}

/** Hashes zeros that are nowhere read nor written. */
export const hashZeros = (hash: Hash, length: number): void => {
  for (let left = length; left > 0; left -= zeroChunk.length) {
    hash.update(left >= zeroChunk.length ? zeroChunk : zeroChunk.subarray(0, left))
  }
}
