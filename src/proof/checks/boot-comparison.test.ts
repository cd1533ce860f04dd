import { expect, test } from 'vitest'
import { remembersImports } from './boot-comparison.ts'

test.each([
  ['v1.33.1+k3s1', true],
  ['v1.33.0+k3s1', false],
  ['v1.32.5+k3s1', true],
  ['v1.31.8+k3s1', false],
  ['v1.30.13+k3s1', true],
  ['v1.21.2+k3s1', false],
  ['v1.36.0+k3s1', true],
])('%s remembers imports: %s', (version, remembers) => {
  expect(remembersImports(version)).toBe(remembers)
})
