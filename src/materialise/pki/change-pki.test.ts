import { createPublicKey, X509Certificate } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import { certificateAuthorities } from '../../plan/build-plan.ts'
import { renewables, renewPki, requiredAuthority, rotatePki } from './change-pki.ts'
import type { ClusterPki } from './cluster-pki.ts'
import { makeClusterPki } from './cluster-pki.ts'
import { readCertificates, splitCertificates } from './pem.ts'
import type { SigningAuthority } from './signing-authority.ts'
import type { TestCa } from './testing.ts'
import { ec, makeTestCa, rsa, testWorld } from './testing.ts'

const world = testWorld()
const later = testWorld(Date.parse('2031-07-01'))
const source = { kind: 'pkcs12', file: 'x', password: null } as const
const plan = (form: 'chain' | 'self-signed', role?: 'root' | 'intermediate') => ({
  cluster: 'bakery',
  pki: { form, authority: role === undefined ? null : { role, source } },
})
const authority = (
  role: 'root' | 'intermediate',
  ...[own, ...above]: readonly TestCa[]
): SigningAuthority => {
  if (own === undefined) throw new Error('no authority')
  return { role, certificates: [own, ...above].map(({ crt }) => crt), key: own.object }
}

let root: TestCa
let intermediate: TestCa
let made: ClusterPki
let underRoot: ClusterPki
let underIntermediate: ClusterPki
let plain: ClusterPki
beforeAll(async () => {
  root = await makeTestCa({ end: '2060-01-01' })
  intermediate = await makeTestCa({ name: 'Test Intermediate', issuer: root, end: '2050-01-01' })
  made = await makeClusterPki(plan('chain'), world)
  underRoot = await makeClusterPki(plan('chain', 'root'), world, authority('root', root))
  const own = authority('intermediate', intermediate, root)
  underIntermediate = await makeClusterPki(plan('chain', 'intermediate'), world, own)
  plain = await makeClusterPki(plan('self-signed'), world)
})

const first = (pem: string): X509Certificate => new X509Certificate(pem)
const publicKey = (pem: string): string =>
  first(pem).publicKey.export({ type: 'spki', format: 'pem' }).toString()

/** Each bundle leads from its key to the root. */
const checkChains = ({ authorities, root: top }: ClusterPki): void => {
  for (const name of certificateAuthorities) {
    const { crt, key } = authorities[name]
    expect(publicKey(crt)).toBe(createPublicKey(key).export({ type: 'spki', format: 'pem' }))
    const chain = readCertificates(crt)
    for (const [index, certificate] of chain.entries()) {
      const issuer = chain[index + 1] ?? certificate
      expect(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)).toBe(true)
    }
    if (top !== null) expect(splitCertificates(crt).at(-1)).toBe(top.crt)
  }
}

test('a renewed CA has the same key and subject and a later end; the others stay as they are', async () => {
  const { pki, hashChanged } = await renewPki(made, ['client-ca'], later)
  checkChains(pki)
  expect(hashChanged).toBe(false)
  const [before, after] = [made.authorities['client-ca'], pki.authorities['client-ca']]
  expect(after.key).toBe(before.key)
  expect(first(after.crt).subject).toBe(first(before.crt).subject)
  // Its issuer was not renewed, and nothing outlives its issuer.
  expect(first(after.crt).validTo).toBe(first(before.crt).validTo)
  expect(first(after.crt).serialNumber).not.toBe(first(before.crt).serialNumber)
  expect({ ...pki, authorities: { ...pki.authorities, 'client-ca': before } }).toEqual(made)
})

test('a renewed intermediate is in every bundle, and lets the CAs last longer up to the root', async () => {
  const { pki, hashChanged } = await renewPki(underRoot, renewables, later, authority('root', root))
  checkChains(pki)
  expect(hashChanged).toBe(false)
  expect(publicKey(pki.intermediate?.crt ?? '')).toBe(publicKey(underRoot.intermediate?.crt ?? ''))
  expect(pki.intermediate?.key).toBe(underRoot.intermediate?.key)
  expect(pki.root).toEqual(underRoot.root)
  for (const name of certificateAuthorities) {
    expect(first(pki.authorities[name].crt).validTo).toBe('Jul  1 00:00:00 2051 GMT')
    expect(splitCertificates(pki.authorities[name].crt)[1]).toBe(pki.intermediate?.crt)
  }
  const only = await renewPki(made, ['intermediate'], later)
  checkChains(only.pki)
  expect(first(only.pki.authorities['server-ca'].crt).serialNumber).toBe(
    first(made.authorities['server-ca'].crt).serialNumber,
  )
})

test("an intermediate of the user's is replaced by its successor, also with another key", async () => {
  const next = await makeTestCa({ name: 'Next Intermediate', issuer: root, end: '2055-01-01' })
  const given = authority('intermediate', next, root)
  const { pki, hashChanged } = await renewPki(underIntermediate, ['intermediate'], later, given)
  checkChains(pki)
  expect([hashChanged, pki.intermediate]).toEqual([false, { crt: next.crt, key: null }])
  for (const name of certificateAuthorities)
    expect(pki.authorities[name].key).toBe(underIntermediate.authorities[name].key)
})

test('without a chain a renewal keeps keys and changes the hash only with the server CA', async () => {
  const client = await renewPki(plain, ['client-ca'], later)
  checkChains(client.pki)
  expect(client.hashChanged).toBe(false)
  expect(first(client.pki.authorities['client-ca'].crt).validTo).toBe('Jul  1 00:00:00 2051 GMT')
  expect((await renewPki(plain, ['server-ca'], later)).hashChanged).toBe(true)
})

test('imported CAs with keys of other kinds are renewed with these keys', async () => {
  for (const algorithm of [rsa(), ec('P-384', 'SHA-384')]) {
    const { crt, key } = await makeTestCa({ name: 'k3s-server-ca', algorithm })
    const imported = { ...plain, authorities: { ...plain.authorities, 'server-ca': { crt, key } } }
    const { pki, hashChanged } = await renewPki(imported, ['server-ca'], later)
    expect(hashChanged).toBe(true)
    checkChains(pki)
    expect(pki.authorities['server-ca'].key).toBe(key)
  }
})

test('a rotation makes every key anew under the same root; the old service key still verifies', async () => {
  const { pki, hashChanged } = await rotatePki(made, later)
  checkChains(pki)
  expect([hashChanged, pki.root]).toEqual([false, made.root])
  expect(pki.intermediate?.key).not.toBe(made.intermediate?.key)
  expect(first(pki.intermediate?.crt ?? '').subject).toBe('CN=bakery intermediate@1940630400')
  for (const name of certificateAuthorities) {
    expect(pki.authorities[name].key).not.toBe(made.authorities[name].key)
    expect(first(pki.authorities[name].crt).subject).toContain('@1940630400')
  }
  expect(pki.serviceKey.endsWith(made.serviceKey)).toBe(true)
  expect(pki.serviceKey.match(/BEGIN RSA PRIVATE KEY/g)?.length).toBe(2)
  expect((await rotatePki(pki, later)).pki.serviceKey.endsWith(pki.serviceKey)).toBe(true)
})

test("a rotation without the user's root makes the CAs below the intermediate anew", async () => {
  const { pki, hashChanged } = await rotatePki(underRoot, later)
  checkChains(pki)
  expect([hashChanged, pki.intermediate]).toEqual([false, underRoot.intermediate])
  const withRoot = await rotatePki(underRoot, later, authority('root', root))
  checkChains(withRoot.pki)
  expect(withRoot.hashChanged).toBe(false)
  expect(withRoot.pki.intermediate?.key).not.toBe(underRoot.intermediate?.key)
  const own = await rotatePki(underIntermediate, later, authority('intermediate', intermediate, root))
  checkChains(own.pki)
  expect([own.hashChanged, own.pki.intermediate]).toEqual([false, underIntermediate.intermediate])
})

test('without a chain a rotation changes the hash', async () => {
  const { pki, hashChanged } = await rotatePki(plain, later)
  checkChains(pki)
  expect([hashChanged, pki.form]).toEqual([true, 'self-signed'])
})

test('what needs a key of the user says so', async () => {
  expect(requiredAuthority(made, renewables)).toBeNull()
  expect(requiredAuthority(plain, 'rotation')).toBeNull()
  expect(requiredAuthority(underRoot, ['server-ca'])).toBeNull()
  expect(requiredAuthority(underRoot, ['intermediate'])).toBe('root')
  expect(requiredAuthority(underRoot, 'rotation')).toBeNull()
  expect(requiredAuthority(underIntermediate, ['server-ca'])).toBe('intermediate')
  const stranger = await makeTestCa({ name: 'Stranger' })
  const cases: readonly (readonly [Promise<unknown>, string])[] = [
    [renewPki(underRoot, ['intermediate'], later), 'B0820'],
    [rotatePki(underIntermediate, later), 'B0820'],
    [renewPki(underIntermediate, ['server-ca'], later, authority('root', root)), 'B0820'],
    [renewPki(underRoot, ['intermediate'], later, authority('root', stranger)), 'B0821'],
    [rotatePki(made, later, authority('root', stranger)), 'B0821'],
  ]
  for (const [work, code] of cases) {
    const fault: unknown = await work.catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(EnvironmentFault)
    expect(fault).toMatchObject({ code })
  }
})
