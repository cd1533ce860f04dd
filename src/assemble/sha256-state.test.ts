import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { continueSha256, sha256Padding } from './sha256-state.ts'

const sha256 = (...parts: readonly Uint8Array[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

const blocks = (most: number) =>
  fc.nat(most).chain((count) => fc.uint8Array({ minLength: count * 64, maxLength: count * 64 }))

test("from a message's digest and its padding, the hash of what follows is that of the whole", async () => {
  await fc.assert(
    fc.asyncProperty(blocks(20), fc.array(blocks(5), { maxLength: 4 }), async (message, rest) => {
      const padding = sha256Padding(message.length)
      const continued = await continueSha256(sha256(message), message.length, rest)
      expect(continued).toBe(sha256(message, padding, ...rest))
    }),
  )
})

test('a length beyond 32 bits stands in the padding whole', () => {
  expect(Buffer.from(sha256Padding(5 * 1024 ** 3)).readBigUInt64BE(56)).toBe(BigInt(5 * 1024 ** 3) * 8n)
})

test('more than one stretch, and what is no whole blocks', async () => {
  const large = new Uint8Array(600 * 1024).fill(7)
  const message = new Uint8Array(128)
  const continued = await continueSha256(sha256(message), 128, [large])
  expect(continued).toBe(sha256(message, sha256Padding(128), large))
  expect(() => sha256Padding(63)).toThrow(RangeError)
  await expect(continueSha256('00'.repeat(32), 64, [new Uint8Array(3)])).rejects.toThrow(RangeError)
})
