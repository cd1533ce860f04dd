import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, idOf } from './canonical-json.ts'

/** The same value with the keys of every object in another order. */
const shuffled = (value: unknown, turn: number): unknown => {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, turn))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, member]) => [key, shuffled(member, turn)] as const)
  const at = entries.length === 0 ? 0 : turn % entries.length
  return Object.fromEntries([...entries.slice(at), ...entries.slice(0, at)].reverse())
}

test('the text does not depend on the order of keys and reads back as the value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), (value, turn) => {
      const text = canonicalJson(value)
      expect(canonicalJson(shuffled(value, turn))).toBe(text)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('keys are sorted, absent members are left out', () => {
  expect(canonicalJson({ b: 1, a: [true, null], c: undefined })).toBe('{"a":[true,null],"b":1}')
})

test('what JSON cannot say is refused with its place', () => {
  expect(() => canonicalJson({ a: [{ b: Number.NaN }] })).toThrow('.a[0].b is not a finite number')
  expect(() => canonicalJson({ a: 1n })).toThrow('.a is a bigint')
})

test('an id is the sha256 of the text: sha256sum says the same', () => {
  expect(idOf({ b: 1, a: 'x' })).toBe('cdab067e9f3beb32d1252cfd63e492592fecbf591b0d08cadb24bb17f3864246')
})
