import fc from 'fast-check'
import { expect, test } from 'vitest'
import { freeNumbers } from './free-numbers.ts'

test.each<readonly [string, readonly number[], number, number | undefined]>([
  ['behind those of a Debian cloud image', [1, 14, 15], 128, 16],
  ['before the last one where nothing is behind it', [1, 14, 15], 17, 2],
  ['nowhere', [1, 4, 6], 8, undefined],
])('are %s', (_, used, entries, first) => {
  expect(freeNumbers(used, entries)).toBe(first)
})

test('are three that nobody has, if there are three in a row', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 16 })),
      fc.integer({ min: 4, max: 16 }),
      (all, entries) => {
        const used = all.filter((number) => number <= entries)
        const first = freeNumbers(used, entries)
        const starts = Array.from({ length: entries - 2 }, (_, index) => index + 1)
        const rows = starts.filter((start) => [0, 1, 2].every((more) => !used.includes(start + more)))
        expect(first === undefined).toBe(rows.length === 0)
        if (first !== undefined) expect(rows).toContain(first)
      },
    ),
  )
})
