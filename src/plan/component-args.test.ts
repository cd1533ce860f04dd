import fc from 'fast-check'
import { expect, test } from 'vitest'
import { argName, joinArgs } from './component-args.ts'

test.each([
  [
    'of a flag with one value the later counts',
    ['max-pods=60', 'v=2'],
    ['max-pods=90'],
    ['max-pods=90', 'v=2'],
  ],
  [
    'lists are put together',
    ['enable-admission-plugins=NodeRestriction,EventRateLimit'],
    ['enable-admission-plugins=NodeRestriction,PodNodeSelector'],
    ['enable-admission-plugins=NodeRestriction,EventRateLimit,PodNodeSelector'],
  ],
  [
    'of a map entry the later counts',
    ['feature-gates=A=true,B=true', 'eviction-hard=memory.available<5%'],
    ['feature-gates=B=false,C=true', 'eviction-hard=memory.available<10%'],
    ['feature-gates=A=true,B=false,C=true', 'eviction-hard=memory.available<10%'],
  ],
  [
    'one text is one entry, commas and all',
    'system-reserved=cpu=1,memory=1Gi',
    undefined,
    ['system-reserved=cpu=1,memory=1Gi'],
  ],
  ['hyphens in front are no part of the name', ['--v=2'], ['v=4'], ['v=4']],
  [
    'flags that are given once for each value',
    ['service-account-issuer=https://a'],
    ['service-account-issuer=https://b', 'service-account-issuer=https://a'],
    ['service-account-issuer=https://a', 'service-account-issuer=https://b'],
  ],
  [
    'an addition goes into a plain value',
    ['enable-admission-plugins=NodeRestriction'],
    ['enable-admission-plugins+=DenyServiceExternalIPs'],
    ['enable-admission-plugins=NodeRestriction,DenyServiceExternalIPs'],
  ],
  [
    'and stays one where there is none',
    [],
    ['enable-admission-plugins+=DenyServiceExternalIPs'],
    ['enable-admission-plugins+=DenyServiceExternalIPs'],
  ],
  ['a switch', ['profiling'], ['profiling=false'], ['profiling=false']],
] as const)('%s', (_, before, value, joined) => {
  expect(joinArgs(before, value)).toEqual(joined)
})

test('secrets stay as they are', () => {
  const secret = { secret: { at: 'x' } }
  expect(joinArgs([secret], ['v=1'])).toEqual([secret, 'v=1'])
})

test('no flag with one value is ever given twice, and joining again changes nothing', () => {
  const arg = fc
    .tuple(
      fc.constantFrom('max-pods', 'v', 'feature-gates', 'tls-cipher-suites', 'system-reserved'),
      fc.array(fc.constantFrom('a=1', 'a=2', 'b=1', 'c=3'), { minLength: 1, maxLength: 3 }),
    )
    .map(([name, entries]) => `${name}=${entries.join(',')}`)
  fc.assert(
    fc.property(fc.array(arg), fc.array(arg), (before, value) => {
      const joined = joinArgs(before, value)
      const names = joined.map((each) => argName(String(each)))
      expect(new Set(names).size).toBe(names.length)
      expect(new Set(names)).toEqual(new Set([...before, ...value].map(argName)))
      expect(joinArgs(joined, undefined)).toEqual(joined)
    }),
  )
})
