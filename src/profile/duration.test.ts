import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'

test.each([
  ['1h30m', 5400],
  ['90s', 90],
  ['1.5h', 5400],
  ['500ms', 0.5],
  ['0', 0],
  ['-1m', -60],
  ['10', undefined],
  ['5 m', undefined],
  ['', undefined],
])('%s lasts %s seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds)
})
