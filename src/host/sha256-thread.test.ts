import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256InThread } from './sha256-thread.ts'

const shared = (bytes: Uint8Array): Buffer => {
  const memory = Buffer.from(new SharedArrayBuffer(bytes.length))
  memory.set(bytes)
  return memory
}

test('is the hash of all pieces in their order, in shared memory or not', async () => {
  const pieces = fc.array(fc.record({ bytes: fc.uint8Array({ maxLength: 200 }), isShared: fc.boolean() }))
  await fc.assert(
    fc.asyncProperty(pieces, async (list) => {
      const expected = createHash('sha256')
      for (const { bytes } of list) expected.update(bytes)
      const digest = await sha256InThread(async (update) => {
        for (const { bytes, isShared } of list) await update(isShared ? shared(bytes) : bytes)
      })
      expect(digest).toBe(expected.digest('hex'))
    }),
    { numRuns: 20 },
  )
})

test('a part of a buffer that is filled anew', async () => {
  const memory = shared(new Uint8Array(1024))
  const digest = await sha256InThread(async (update) => {
    for (const fill of [1, 2, 3]) await update(memory.fill(fill).subarray(fill, 1000))
  })
  const expected = createHash('sha256')
  for (const fill of [1, 2, 3]) expected.update(Buffer.alloc(1000 - fill, fill))
  expect(digest).toBe(expected.digest('hex'))
})

test('ends the thread and throws what the work throws', async () => {
  const fault = new Error('cannot be read')
  const hashing = sha256InThread(async (update) => {
    await update(Buffer.from('a'))
    throw fault
  })
  await expect(hashing).rejects.toBe(fault)
})
