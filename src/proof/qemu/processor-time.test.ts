import { expect, test } from 'vitest'
import { parseThreadTimeMs } from './processor-time.ts'

test('adds user and system time of a thread, whatever its name', () => {
  const stat = '77 (CPU 0/TCG) x) S 1 77 77 0 -1 4194624 9 0 0 0 1234 66 0 0 20 0 5 0 100 0 0'
  expect(parseThreadTimeMs(stat)).toBe(13_000)
})
