import { expect, test } from 'vitest'
import { specOfIgnition } from './ignition-spec.ts'

test.each([
  ['2.11.0', '3.3.0'],
  ['2.14.0+ds1-1+b19', '3.3.0'],
  ['2.15.0', '3.4.0'],
  ['2.19', '3.4.0'],
  ['2.20.0', '3.5.0'],
  ['2.23.0', '3.5.0'],
  ['0.36', '3.3.0'],
  [undefined, '3.3.0'],
] as const)('Ignition %s reads %s', (release, spec) => {
  expect(specOfIgnition(release)).toBe(spec)
})
