import { expect, test } from 'vitest'
import { humanSize, textTable } from './text-table.ts'

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [5 * 1024 * 1024, '5.0 MiB'],
  [212.4 * 1024 * 1024, '212 MiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(humanSize(bytes)).toBe(text)
})

test('columns are as wide as their widest cell', () => {
  expect(
    textTable([
      ['a', 'bb'],
      ['ccc', ''],
      ['d', 'e'],
    ]),
  ).toEqual(['  a    bb', '  ccc', '  d    e'])
})
