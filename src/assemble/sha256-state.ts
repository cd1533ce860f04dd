import { Buffer } from 'node:buffer'
import { setImmediate } from 'node:timers/promises'

/**
 * SHA-256 (FIPS 180-4) that goes on from a digest. A digest is the state of the hash after the message and its padding: where
 * the padding itself lies in a file behind the message, the hash of the file continues from the digest of the message alone.
 * Node's own hash, ten times as fast, cannot be told a state; this one is for the few megabytes that are left then.
 */

const blockBytes = 64
const stretchBytes = 256 * 1024

/** What SHA-256 adds to a message of whole blocks (5.1.1): a one bit, zeros, the length in bits. */
export const sha256Padding = (messageBytes: number): Uint8Array => {
  if (messageBytes % blockBytes !== 0) throw new RangeError(`${messageBytes} bytes are no whole blocks`)
  const padding = Buffer.alloc(blockBytes)
  padding[0] = 0x80
  padding.writeBigUInt64BE(BigInt(messageBytes) * 8n, blockBytes - 8)
  return padding
}

const primes = (count: number): readonly number[] => {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate += 1)
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate)
  return found
}

/** The first 32 bits of the fractional parts of the cube roots of the first primes (4.2.2). */
const constants = Int32Array.from(primes(blockBytes), (prime) => (Math.cbrt(prime) % 1) * 2 ** 32)

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/** One block into the state (6.2.2); `words` is room for the schedule. */
const compress = (state: Int32Array, view: DataView, offset: number, words: Int32Array): void => {
  for (let t = 0; t < 16; t += 1) words[t] = view.getInt32(offset + 4 * t)
  for (let t = 16; t < 64; t += 1) {
    const x = words[t - 15] as number
    const y = words[t - 2] as number
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
    words[t] = ((words[t - 16] as number) + s0 + (words[t - 7] as number) + s1) | 0
  }
  let a = state[0] as number
  let b = state[1] as number
  let c = state[2] as number
  let d = state[3] as number
  let e = state[4] as number
  let f = state[5] as number
  let g = state[6] as number
  let h = state[7] as number
  for (let t = 0; t < 64; t += 1) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (constants[t] as number) + (words[t] as number)) | 0
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  state[0] = (state[0] as number) + a
  state[1] = (state[1] as number) + b
  state[2] = (state[2] as number) + c
  state[3] = (state[3] as number) + d
  state[4] = (state[4] as number) + e
  state[5] = (state[5] as number) + f
  state[6] = (state[6] as number) + g
  state[7] = (state[7] as number) + h
}

/**
 * The hash of a file that begins with a message of whole blocks and its padding, of which `digest` (hex) is the message's:
 * `rest` is what follows, in pieces of whole blocks. Others get their turn between two stretches: a copy goes on meanwhile.
 */
export const continueSha256 = async (
  digest: string,
  messageBytes: number,
  rest: readonly Uint8Array[],
): Promise<string> => {
  const state = new Int32Array(8)
  const before = Buffer.from(digest, 'hex')
  for (let index = 0; index < 8; index += 1) state[index] = before.readInt32BE(4 * index)
  const words = new Int32Array(64)
  let length = messageBytes + blockBytes
  for (const piece of [...rest, undefined]) {
    // The last padding; pieces are whole blocks, and so is the file.
    const bytes = piece ?? sha256Padding(length)
    if (bytes.length % blockBytes !== 0) throw new RangeError(`${bytes.length} bytes are no whole blocks`)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let start = 0; start < bytes.length; start += stretchBytes) {
      const stop = Math.min(start + stretchBytes, bytes.length)
      for (let offset = start; offset < stop; offset += blockBytes) compress(state, view, offset, words)
      await setImmediate()
    }
    length += bytes.length
  }
  const end = Buffer.alloc(32)
  for (let index = 0; index < 8; index += 1) end.writeInt32BE(state[index] as number, 4 * index)
  return end.toString('hex')
}
