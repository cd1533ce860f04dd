import { createHash } from 'node:crypto'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import { dataSpans, hashZeros, writeSparse } from './sparse-writer.ts'

let host: TestHost
beforeEach(() => {
  host = createTestHost()
})
afterEach(() => host.close())

const block = 64 * 1024

test('spans cover every byte that is not zero, and no whole block of zeros', () => {
  const layout = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(layout, fc.integer({ min: 1, max: block }), (blocks, lastLength) => {
      const chunk = new Uint8Array((blocks.length - 1) * block + lastLength)
      blocks.forEach((filled, index) => {
        if (filled) chunk[Math.min((index + 1) * block, chunk.length) - 1] = 1
      })
      const covered = new Set<number>()
      for (const [start, end] of dataSpans(chunk)) {
        for (let at = start; at < end; at += block) covered.add(at / block)
      }
      expect([...covered]).toEqual(blocks.flatMap((filled, index) => (filled ? [index] : [])))
    }),
  )
})

test('a file written with holes reads as what was written, and takes less room', async () => {
  const folder = await host.files.makeTemporaryDirectory('sparse-')
  const chunk = new Uint8Array(16 * block)
  chunk.fill(7, 3 * block, 4 * block)
  const file = await host.files.open(join(folder, 'image'), 'create')
  await file.truncate(40 * block)
  await writeSparse(file, chunk, 8 * block)
  await file.sync()
  await file.close()
  const bytes = await host.files.readRange(join(folder, 'image'), 8 * block, chunk.length)
  expect(Buffer.compare(bytes, chunk)).toBe(0)
  expect((await host.files.stat(join(folder, 'image')))?.allocatedBytes).toBeLessThan(4 * block)
})

test('zeros that are not read hash as zeros', () => {
  for (const length of [0, 1, 1024 * 1024, 3 * 1024 * 1024 + 5]) {
    const hash = createHash('sha256')
    hashZeros(hash, length)
    expect(hash.digest('hex')).toBe(createHash('sha256').update(new Uint8Array(length)).digest('hex'))
  }
})
