import { Buffer } from 'node:buffer'
import { createPrivateKey } from 'node:crypto'

/** A key's private number, at most this many of its bytes: enough to know it by. */
const mostBytes = 48

/** What of each key in a PEM text must never be seen: its private number, and its place in the base64 of the file. */
export interface PrivatePart {
  readonly bytes: Uint8Array
  /** The characters of the text that hold nothing but it, line by line. */
  readonly lines: readonly string[]
}

const privateNumber = (pem: string): Buffer | undefined => {
  try {
    const { d } = createPrivateKey(pem).export({ format: 'jwk' })
    return d === undefined ? undefined : Buffer.from(d, 'base64url').subarray(0, mostBytes)
  } catch {
    // Encrypted, or no key that OpenSSL knows.
    return undefined
  }
}

/** Where the number stands within the lines of the block; too short pieces could be anything. */
const linesOf = (body: string, number: Buffer): readonly string[] => {
  const lines = body.split(/\s+/).filter(Boolean)
  const start = Buffer.from(lines.join(''), 'base64').indexOf(number)
  if (start < 0) return []
  const from = Math.ceil((start * 8) / 6)
  const to = Math.floor(((start + number.length) * 8) / 6)
  let position = 0
  return lines.flatMap((line) => {
    const piece = line.slice(Math.max(0, from - position), Math.max(0, to - position))
    position += line.length
    return piece.length < 16 ? [] : [piece]
  })
}

/** One for each private key in the text that can be read. */
export const privateParts = (text: string): readonly PrivatePart[] =>
  [...text.matchAll(/-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([\s\S]*?)-----END \1-----/g)].flatMap(
    ([pem, , body = '']) => {
      const bytes = privateNumber(pem)
      return bytes === undefined ? [] : [{ bytes, lines: linesOf(body, bytes) }]
    },
  )
