import { expect, test } from 'vitest'
import { chartOf } from './api-client.ts'

const metadata = { name: 'bell' }
const failed = (status: string, message?: string) => ({
  conditions: [
    { type: 'JobCreated', status: 'True' },
    { type: 'Failed', status, ...(message === undefined ? {} : { message }) },
  ],
})

test.each([
  [{}, null],
  [{ status: failed('False', 'fine') }, null],
  [{ status: failed('True', 'no such value') }, 'no such value'],
  [{ status: failed('True') }, 'no reason given'],
])('a chart with %j was given up because of %j', (rest, reason) => {
  expect(chartOf({ metadata, ...rest })).toEqual({ name: 'bell', sha256: null, failed: reason })
})

test('of the chart itself its hash is kept, of its values nothing', () => {
  const spec = { chartContent: Buffer.from('a chart').toString('base64'), valuesContent: 'password: hush' }
  const kept = chartOf({ metadata, spec })
  expect(kept.sha256).toBe('a8c938318041ff413b5be251f171ce9ea478b3b957e5fd20b00a9d4de73a541d')
  expect(JSON.stringify(kept)).not.toContain('hush')
})
