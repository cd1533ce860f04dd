import { Buffer } from 'node:buffer'
import type { GramIndex } from './gram-index.ts'
import { indexGrams, multipliers, stride } from './gram-index.ts'

/** An occurrence: which pattern, and where its first byte stands in what was searched. */
export interface Hit {
  readonly pattern: number
  readonly offset: number
}

/** Searches one content, piece by piece. */
export interface Search {
  readonly push: (chunk: Uint8Array) => void
  /** Searches the rest; each pattern is named at its first place. */
  readonly end: () => readonly Hit[]
}

export interface Scanner {
  readonly search: () => Search
}

/** White space within an occurrence: base64 is broken into lines, and a block of YAML is indented. */
const isSpace = (byte: number): boolean => byte === 10 || byte === 13 || byte === 32 || byte === 9

/** White space in a row that is passed over. */
const mostSpace = 64

/** Bytes that are searched in one go: what the processor's cache holds. */
const blockSize = 512 * 1024

/** Position of the pattern's first byte, when it stands around `position`, where its byte `offset` is; else -1. */
const occurrence = (
  block: Uint8Array,
  end: number,
  pattern: Uint8Array,
  offset: number,
  position: number,
): number => {
  let at = position
  let spaces = 0
  for (let index = offset; index < pattern.length; ) {
    if (at >= end) return -1
    const byte = block[at] ?? 0
    at += 1
    if (byte === pattern[index]) {
      index += 1
      spaces = 0
    } else if (!isSpace(byte) || ++spaces > mostSpace) return -1
  }
  at = position
  spaces = 0
  for (let index = offset - 1; index >= 0; ) {
    at -= 1
    if (at < 0) return -1
    const byte = block[at] ?? 0
    if (byte === pattern[index]) {
      index -= 1
      spaces = 0
    } else if (!isSpace(byte) || ++spaces > mostSpace) return -1
  }
  return at
}

/** Looks at every eighth place for a gram that a pattern has; what is found is compared as a whole. */
const scanBlock = (
  block: Uint8Array,
  words: Int32Array,
  end: number,
  { bitmap, shift, places }: GramIndex,
  patterns: readonly Uint8Array[],
  onHit: (pattern: number, position: number) => void,
): void => {
  const last = (end >>> 2) - 1
  const step = stride / 4
  const [first, second] = multipliers
  for (let word = 0; word <= last; word += step) {
    const gram = words[word] as number
    const hash = Math.imul(gram, first) >>> shift
    if (((bitmap[hash >>> 5] as number) & (1 << (hash & 31))) === 0) continue
    const other = Math.imul(gram, second) >>> shift
    if (((bitmap[other >>> 5] as number) & (1 << (other & 31))) === 0) continue
    for (const { pattern, offset } of places.get(gram) ?? []) {
      const bytes = patterns[pattern]
      if (bytes === undefined) continue
      const position = occurrence(block, end, bytes, offset, word * 4)
      if (position >= 0) onHit(pattern, position)
    }
  }
}

/**
 * Finds any of many patterns, each at least `shortestPattern` bytes long, in contents of any size: memory stays the same. The
 * scanner has one block of memory: one search at a time.
 */
export const createScanner = (patterns: readonly Uint8Array[]): Scanner => {
  const index = indexGrams(patterns)
  const longest = patterns.reduce((most, { length }) => Math.max(most, length), 0)
  // What an occurrence may reach back over: itself with white space in it, in whole strides.
  const overlap = Math.ceil((longest * 2 + mostSpace * 4) / stride) * stride
  const memory = new ArrayBuffer(overlap + blockSize + stride)
  const block = Buffer.from(memory)
  const words = new Int32Array(memory)

  return {
    search: () => {
      const found = new Map<number, number>()
      /** Of the block's first byte in the content. */
      let base = 0
      let filled = 0
      const scan = (): void => {
        // The last bytes, which fill no word, are searched with zeros behind them.
        block.fill(0, filled, filled + stride)
        scanBlock(block, words, filled + stride, index, patterns, (pattern, position) => {
          const offset = base + position
          if ((found.get(pattern) ?? Number.POSITIVE_INFINITY) > offset) found.set(pattern, offset)
        })
      }
      return {
        push: (chunk) => {
          let taken = 0
          while (taken < chunk.length) {
            const part = chunk.subarray(taken, taken + overlap + blockSize - filled)
            block.set(part, filled)
            filled += part.length
            taken += part.length
            if (filled < overlap + blockSize) return
            scan()
            block.copyWithin(0, filled - overlap, filled)
            base += filled - overlap
            filled = overlap
          }
        },
        end: () => {
          scan()
          return [...found]
            .map(([pattern, offset]) => ({ pattern, offset }))
            .sort((a, b) => a.offset - b.offset)
        },
      }
    },
  }
}
