import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shortestPattern } from './gram-index.ts'
import { createScanner } from './scanner.ts'

const scan = (patterns: readonly Uint8Array[], content: Uint8Array, pieces = 1 << 16) => {
  const search = createScanner(patterns).search()
  for (let at = 0; at < content.length; at += pieces) search.push(content.subarray(at, at + pieces))
  return search.end()
}

test('every pattern is found at every alignment', () => {
  const patterns = [11, 12, 21, 40, 90].map((length) => randomBytes(length))
  for (let before = 0; before < 20; before += 1) {
    for (const [index, pattern] of patterns.entries()) {
      const content = Buffer.concat([randomBytes(before), pattern, randomBytes(3)])
      expect(scan(patterns, content)).toEqual([{ pattern: index, offset: before }])
      expect(scan(patterns, Buffer.concat([randomBytes(before), pattern]))).toHaveLength(1)
    }
  }
})

test('nothing is found where nothing is', () => {
  const patterns = Array.from({ length: 5000 }, () => Buffer.from(randomBytes(16).toString('hex')))
  expect(scan(patterns, randomBytes(3_000_000))).toEqual([])
  expect(scan(patterns, Buffer.from(randomBytes(1_000_000).toString('hex')))).toEqual([])
})

test('across the borders of blocks, whatever the pieces', () => {
  const pattern = randomBytes(33)
  const content = randomBytes(3_000_000)
  const places = [0, 524_270, 524_287, 524_288, 1_048_570, 1_573_000, content.length - 33]
  for (const place of places) {
    const copy = Buffer.from(content)
    pattern.copy(copy, place)
    for (const pieces of [1_000_003, 65_536, 4097]) {
      expect(scan([pattern], copy, pieces)).toEqual([{ pattern: 0, offset: place }])
    }
  }
})

test('a pattern that is broken into lines is found, wherever it is broken', () => {
  const text = randomBytes(24).toString('base64url')
  for (let at = 1; at < text.length; at += 1) {
    for (let before = 0; before < 8; before += 1) {
      const content = Buffer.from(`${'.'.repeat(before)}${text.slice(0, at)}\r\n      ${text.slice(at)}`)
      expect(scan([Buffer.from(text)], content), `${at} ${before}`).toEqual([{ pattern: 0, offset: before }])
    }
  }
})

test('property: the same as a search place by place', () => {
  const bytes = (min: number, max: number) =>
    fc
      .array(fc.integer({ min: 97, max: 99 }), { minLength: min, maxLength: max })
      .map((list) => Buffer.from(list))
  fc.assert(
    fc.property(
      fc.array(bytes(shortestPattern, 14), { minLength: 1, maxLength: 5 }),
      bytes(0, 400),
      fc.nat(),
      fc.integer({ min: 1, max: 50 }),
      (patterns, noise, seed, pieces) => {
        const at = seed % (noise.length + 1)
        const content = Buffer.concat([noise.subarray(0, at), patterns[0] ?? noise, noise.subarray(at)])
        const found = new Map(scan(patterns, content, pieces).map(({ pattern, offset }) => [pattern, offset]))
        for (const [index, pattern] of patterns.entries()) {
          expect(found.get(index) ?? -1).toBe(content.indexOf(pattern))
        }
      },
    ),
  )
})
