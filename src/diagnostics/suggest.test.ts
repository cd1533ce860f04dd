import { expect, test } from 'vitest'
import { suggest } from './suggest.ts'

const known = ['address', 'gateway', 'dns', 'dhcp', 'wifi']

test.each([
  ['adress', 'address'],
  ['addres', 'address'],
  ['gatway', 'gateway'],
  ['dsn', 'dns'],
  ['DHCP', 'dhcp'],
  ['colour', undefined],
  ['x', undefined],
  ['', undefined],
])('%s means %s', (word, meant) => {
  expect(suggest(word, known)).toBe(meant)
})

test('a long text is compared with nothing', () => {
  expect(suggest('a'.repeat(100_000), known)).toBeUndefined()
})
