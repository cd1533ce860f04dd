import { expect, test } from 'vitest'
import { renewBeforeDays } from './version.ts'

test.for([
  ['v1.26.2+k3s1', 90],
  ['v1.30.12+k3s1', 90],
  ['v1.30.13+k3s1', 120],
  ['v1.32.4+k3s1', 90],
  ['v1.32.5+k3s1', 120],
  ['v1.33.0+k3s1', 90],
  ['v1.33.1+k3s1', 120],
  ['v1.34.0+k3s1', 120],
] as const)('%s renews leaves %i days ahead', ([version, days]) => {
  expect(renewBeforeDays(version)).toBe(days)
})
