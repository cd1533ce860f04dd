import { expect, test } from 'vitest'
import { knowsBootstrapTokens } from './k3s-features.ts'

test.each([
  ['v1.21.3+k3s1', false],
  ['v1.22.17+k3s1', false],
  ['v1.23.16+k3s1', false],
  ['v1.23.17+k3s1', true],
  ['v1.24.10+k3s1', false],
  ['v1.24.11+k3s1', true],
  ['v1.25.6+k3s1', false],
  ['v1.25.7+k3s1', true],
  ['v1.26.1+k3s1', false],
  ['v1.26.2-rc1+k3s1', false],
  ['v1.26.2+k3s1', true],
  ['v1.27.0+k3s1', true],
  ['v1.33.1+k3s1', true],
])('%s knows bootstrap tokens: %s', (version, known) => {
  expect(knowsBootstrapTokens(version)).toBe(known)
})
