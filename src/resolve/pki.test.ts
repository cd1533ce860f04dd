import { expect, test } from 'vitest'
import type { Profile } from '../profile/schema.ts'
import { resolvePki } from './pki.ts'

const profile = (version: string, pki?: Profile['cluster']['pki']): Profile => ({
  apiVersion: 'appliance/v1alpha1',
  cluster: { name: 'lab', k3s: { version }, ...(pki === undefined ? {} : { pki }) },
  nodes: [],
  access: { users: [] },
})

/** Chains work since these releases (k3s-io/k3s#6615): one line for every change, and what is around it. */
const forms = {
  'v1.19.16+k3s1': 'self-signed',
  'v1.21.3+k3s1': 'self-signed',
  'v1.22.0+k3s1': 'self-signed',
  'v1.22.17+k3s1': 'self-signed',
  'v1.23.0+k3s1': 'self-signed',
  'v1.23.16+k3s1': 'self-signed',
  'v1.23.17-rc1+k3s1': 'self-signed',
  'v1.23.17+k3s1': 'chain',
  'v1.24.0+k3s1': 'self-signed',
  'v1.24.10+k3s2': 'self-signed',
  'v1.24.11+k3s1': 'chain',
  'v1.24.17+k3s1': 'chain',
  'v1.25.0+k3s1': 'self-signed',
  'v1.25.6+k3s1': 'self-signed',
  'v1.25.7+k3s1': 'chain',
  'v1.25.16+k3s4': 'chain',
  'v1.26.0+k3s2': 'self-signed',
  'v1.26.1+k3s1': 'self-signed',
  'v1.26.2+k3s1': 'chain',
  'v1.26.15+k3s1': 'chain',
  'v1.27.0+k3s1': 'chain',
  'v1.33.1+k3s1': 'chain',
  'v1.36.0-rc1+k3s1': 'chain',
  'v1.100.0+k3s1': 'chain',
} as const

test.each(Object.entries(forms))('%s: %s', (version, form) => {
  expect(resolvePki(profile(version))).toEqual({ form, authority: null })
})

test('an authority of the user: two PEM files, or one PKCS#12 file', () => {
  const version = 'v1.33.1+k3s1'
  const root = { cert: './ca/root.pem', key: { file: './ca/root.key' } }
  expect(resolvePki(profile(version, { root })).authority).toEqual({
    role: 'root',
    source: {
      kind: 'pem',
      certificates: './ca/root.pem',
      key: { at: 'cluster.pki.root.key', source: { file: './ca/root.key' } },
    },
  })
  const intermediate = { p12: './ca/int.p12', password: { env: 'P12' } }
  expect(resolvePki(profile(version, { intermediate })).authority).toEqual({
    role: 'intermediate',
    source: {
      kind: 'pkcs12',
      file: './ca/int.p12',
      password: { at: 'cluster.pki.intermediate.password', source: { env: 'P12' } },
    },
  })
  expect(resolvePki(profile(version, { root: { p12: 'a.p12' } })).authority?.source).toEqual({
    kind: 'pkcs12',
    file: 'a.p12',
    password: null,
  })
})
