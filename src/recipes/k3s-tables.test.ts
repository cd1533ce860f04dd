import { expect, test } from 'vitest'
import { sampleK3sTables } from './testing.ts'

const { keys, oldest, newest } = sampleK3sTables
const spans = [...keys.values()].flatMap((key) => [
  key,
  ...key.values.map((value) => ({ ...value, name: `${key.name}=${value.value}` })),
])

test('keys are sorted, each once', () => {
  const names = [...keys.keys()]
  expect(names).toEqual([...new Set(names)].toSorted((a, b) => (a < b ? -1 : 1)))
  expect(names.length).toBeGreaterThan(100)
})

test.each(spans)('$name comes before it goes, within the table', ({ since, removed, deprecated }) => {
  const firsts = Object.keys(since ?? {}).map(Number)
  for (const minor of [...firsts, removed, deprecated]) {
    if (minor === undefined) continue
    expect(minor).toBeGreaterThanOrEqual(oldest)
    expect(minor).toBeLessThanOrEqual(newest)
  }
  // No gaps: what came to a minor is in every later one.
  expect(firsts).toEqual(firsts.map((_, index) => (firsts[0] ?? 0) + index))
  if (removed !== undefined) expect(Math.max(oldest, ...firsts)).toBeLessThan(removed)
  if (removed !== undefined && deprecated !== undefined) expect(deprecated).toBeLessThanOrEqual(removed)
})

test('defaults are of the type of their key', () => {
  const types = { boolean: 'boolean', number: 'number', text: 'string', duration: 'string' } as const
  for (const { name, type, default: value, defaultBefore } of keys.values()) {
    if (value !== undefined && type !== 'list') expect([name, typeof value]).toEqual([name, types[type]])
    if (value !== undefined && type === 'list') expect([name, Array.isArray(value)]).toEqual([name, true])
    const minors = defaultBefore.map(({ minor }) => minor)
    expect(minors).toEqual(minors.toSorted((a, b) => a - b))
  }
})

test('what replaces a key is a key', () => {
  for (const { name, instead } of keys.values()) {
    if (instead === undefined) continue
    expect([name, keys.has(instead.split(':')[0] ?? '')]).toEqual([name, true])
  }
})

test('entries for components name a component', () => {
  const args = [...keys.values()].filter(({ name }) => name.endsWith('-arg'))
  expect(args.filter(({ component }) => component === undefined)).toEqual([])
})

test.each([...sampleK3sTables.components])(
  'the flags of %s are sorted and lie within its minors',
  (_, component) => {
    const { known, names, flag, owned } = component
    expect(known).toEqual(known.toSorted((a, b) => a - b))
    expect(names).toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)))
    expect(names.length).toBeGreaterThan(50)
    for (const name of names) {
      const { since = 0, removed = 99 } = flag(name) ?? {}
      expect([name, since < removed]).toEqual([name, true])
      for (const minor of [since, removed]) if (minor !== 0 && minor !== 99) expect(known).toContain(minor)
    }
    expect(names.some((name) => owned(name) !== undefined)).toBe(true)
  },
)
