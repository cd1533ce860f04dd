import { Buffer } from 'node:buffer'

/** Where the four bytes of a gram stand in a pattern. */
export interface GramPlace {
  readonly pattern: number
  readonly offset: number
}

export interface GramIndex {
  /** Two bits for each gram, by two hashes: both are set by chance far more rarely than one. */
  readonly bitmap: Int32Array
  /** How far the product of gram and multiplier is shifted to give a bit's number. */
  readonly shift: number
  readonly places: ReadonlyMap<number, readonly GramPlace[]>
}

/** Multiplicative hashes: Knuth's golden ratio of 2^32, and a constant of MurmurHash3. */
export const multipliers = [0x9e3779b1, 0x85ebca6b] as const

/** Every eighth byte of what is searched is looked at, with the three that follow it. */
export const stride = 8

/** An occurrence this long holds a gram at a place that is looked at, wherever it begins. */
export const shortestPattern = stride + 3

/** A line break within a pattern leaves `shortestPattern` bytes before it or behind it. */
const wrappable = 2 * shortestPattern - 1

/** Sparse enough that a random gram is rarely taken for one of ours, small enough for the processor's cache. */
const bitsFor = (grams: number): number => Math.min(22, Math.max(15, Math.ceil(Math.log2(grams * 64))))

/** Grams of all patterns, by value as a little-endian number. */
export const indexGrams = (patterns: readonly Uint8Array[]): GramIndex => {
  const places = new Map<number, GramPlace[]>()
  for (const [pattern, bytes] of patterns.entries()) {
    if (bytes.length < shortestPattern) throw new Error(`a pattern of ${bytes.length} bytes is too short`)
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const offsets = bytes.length < wrappable ? stride : wrappable - 3
    for (let offset = 0; offset < offsets; offset += 1) {
      const gram = view.readInt32LE(offset)
      const known = places.get(gram)
      if (known === undefined) places.set(gram, [{ pattern, offset }])
      else known.push({ pattern, offset })
    }
  }
  const bits = bitsFor(places.size)
  const shift = 32 - bits
  const bitmap = new Int32Array(2 ** (bits - 5))
  for (const gram of places.keys()) {
    for (const multiplier of multipliers) {
      const hash = Math.imul(gram, multiplier) >>> shift
      const word = hash >>> 5
      bitmap[word] = (bitmap[word] ?? 0) | (1 << (hash & 31))
    }
  }
  return { bitmap, shift, places }
}
