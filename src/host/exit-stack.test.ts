import { expect, test } from 'vitest'
import { createExitStack } from './exit-stack.ts'

test('undoes last in first out, goes on after a failure, and each once', async () => {
  const done: string[] = []
  const stack = createExitStack((error) => done.push(String(error)))
  stack.push(() => void done.push('first'))
  stack.push(() => {
    throw new Error('broken')
  })
  const early = stack.push(() => void done.push('early'))
  await early()
  await early()
  stack.push(() => void done.push('last'))
  await stack.unwind()
  await stack.unwind()
  expect(done).toEqual(['early', 'last', 'Error: broken', 'first'])
})
