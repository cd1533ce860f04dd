import { expect, test } from 'vitest'
import { parseSize } from './size.ts'

test.each([
  ['32GB', 32e9],
  ['32 GB', 32e9],
  ['29.8GiB', Math.floor(29.8 * 2 ** 30)],
  ['512MB', 512e6],
  ['1TB', 1e12],
])('%s has %i bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test.each(['', '32', 'GB', '32gb', '-1GB', '0GB', '1e3GB', '32 gigs', '9999999GB', '1.2.3GB', '32GB '])(
  '%s is no size',
  (text) => {
    expect(parseSize(text)).toBeUndefined()
  },
)
