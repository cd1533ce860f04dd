import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { certificateAuthorities } from '../../plan/build-plan.ts'
import { caHash } from './ca-hash.ts'
import { certificateTable } from './certificate-table.ts'
import type { Chain, ClusterPki } from './cluster-pki.ts'
import { makeClusterPki, makeIssuingCas, ownChain } from './cluster-pki.ts'
import { makeClientCertificate } from './issue.ts'
import { readCertificates, splitCertificates } from './pem.ts'
import type { TestCa } from './testing.ts'
import { ec, makeTestCa, rsa, testWorld } from './testing.ts'
import { authorityKeyId, subjectKeyId, x509 } from './x509.ts'

const world = testWorld()
const plan = (form: 'chain' | 'self-signed') => ({ cluster: 'bakery', pki: { form, authority: null } })

/** Every key of a PKI in hex of its private number, as it would stand in any encoding of it. */
const privateParts = (pem: string): string => createPrivateKey(pem).export({ format: 'jwk' }).d ?? ''

/** What must hold of every bundle, whoever stands above it. */
const checkBundles = (pki: Pick<ClusterPki, 'authorities'>, length: number): void => {
  for (const name of certificateAuthorities) {
    const { crt, key } = pki.authorities[name]
    expect(crt).toMatch(/^(-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\n)+$/)
    expect(key).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+\n-----END EC PRIVATE KEY-----\n$/)
    const chain = readCertificates(crt)
    expect(chain.length).toBe(length)
    const [first] = chain
    expect(first?.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(first?.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
    for (const [index, certificate] of chain.entries()) {
      const issuer = chain[index + 1] ?? certificate
      expect(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)).toBe(true)
      expect(Date.parse(certificate.validTo)).toBeLessThanOrEqual(Date.parse(issuer.validTo))
      const details = new x509.X509Certificate(certificate.raw)
      expect(certificate.ca).toBe(true)
      expect(details.getExtension(x509.ExtendedKeyUsageExtension)).toBeNull()
      expect(subjectKeyId(details)).toMatch(/^[0-9a-f]{40}$/)
      const isRoot = index === chain.length - 1
      const above = subjectKeyId(new x509.X509Certificate(issuer.raw))
      expect(authorityKeyId(details)).toBe(isRoot ? undefined : above)
    }
  }
}

describe('a new cluster', () => {
  let pki: ClusterPki
  beforeAll(async () => {
    pki = await makeClusterPki(plan('chain'), world)
  })

  test('has a root, an intermediate and five issuing CAs below them', () => {
    checkBundles(pki, 3)
    const { root, intermediate, authorities } = pki
    expect(readCertificates(root?.crt ?? '')[0]?.subject).toBe('CN=bakery root')
    expect(readCertificates(intermediate?.crt ?? '')[0]?.subject).toBe('CN=bakery intermediate@1772600767')
    for (const name of certificateAuthorities) {
      const [own, second, third] = splitCertificates(authorities[name].crt)
      expect(new X509Certificate(own ?? '').subject).toBe(`CN=k3s-${name.replace('/', '-')}@1772600767`)
      expect([second, third]).toEqual([intermediate?.crt, root?.crt])
    }
    const keys = [
      root?.key,
      intermediate?.key,
      ...certificateAuthorities.map((name) => authorities[name].key),
    ]
    expect(new Set(keys.map((key) => privateParts(key ?? ''))).size).toBe(7)
  })

  test('every certificate starts on 2020-01-01 and ends after 20 years, without a path length', () => {
    for (const { notBefore, notAfter, keyType } of certificateTable(pki, [], world.now()))
      expect([notBefore, notAfter, keyType]).toEqual([
        '2020-01-01T00:00:00.000Z',
        '2046-03-04T00:00:00.000Z',
        'EC P-256',
      ])
    for (const certificate of readCertificates(pki.authorities['server-ca'].crt)) {
      const details = new x509.X509Certificate(certificate.raw)
      expect(details.getExtension(x509.BasicConstraintsExtension)?.pathLength).toBeUndefined()
    }
  })

  test('the service key is RSA 2048 in PKCS#1', () => {
    expect(pki.serviceKey).toMatch(
      /^-----BEGIN RSA PRIVATE KEY-----\n[^-]+\n-----END RSA PRIVATE KEY-----\n$/,
    )
    expect(createPublicKey(pki.serviceKey).asymmetricKeyDetails?.modulusLength).toBe(2048)
  })

  test('tokens pin the root', () => {
    const root = new X509Certificate(pki.root?.crt ?? '')
    const expected = createHash('sha256').update(root.raw).digest('hex')
    for (const name of certificateAuthorities) expect(caHash(pki.authorities[name].crt)).toBe(expected)
  })

  test('a client certificate goes on with its issuing CA and the intermediate, without the root', async () => {
    const identity = { user: 'alice', groups: ['dev', 'ops'] }
    const { crt } = await makeClientCertificate(identity, pki.authorities['client-ca'], 90, world)
    const [leaf = '', ...above] = splitCertificates(crt)
    expect(above).toEqual(splitCertificates(pki.authorities['client-ca'].crt).slice(0, 2))
    expect(leaf + above.join('')).toBe(crt)
    const certificate = new X509Certificate(leaf)
    expect(certificate.subject).toBe('O=dev\nO=ops\nCN=alice')
    expect(new Date(certificate.validTo).toISOString()).toBe('2026-06-02T05:06:07.000Z')
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  })

  test('the table shows every certificate and no key', async () => {
    const identity = { user: 'alice', groups: [] }
    const made = await makeClientCertificate(identity, pki.authorities['client-ca'], 90, world)
    const rows = certificateTable(pki, [{ ...identity, ...made }], world.now() + 1000)
    expect(rows.map(({ name, daysLeft }) => [name, daysLeft])).toEqual([
      ['root', 7304],
      ['intermediate', 7304],
      ...certificateAuthorities.map((name) => [name, 7304]),
      ['client/alice', 89],
    ])
    expect(rows[3]).toMatchObject({
      subject: 'CN=k3s-client-ca@1772600767',
      issuer: 'CN=bakery intermediate@1772600767',
    })
    expect(JSON.stringify(rows)).not.toMatch(/PRIVATE|BEGIN/)
  })
})

test('for a release that takes no chain every CA is a root of its own', async () => {
  const pki = await makeClusterPki(plan('self-signed'), world)
  expect([pki.form, pki.root, pki.intermediate]).toEqual(['self-signed', null, null])
  checkBundles(pki, 1)
  const { crt } = pki.authorities['server-ca']
  expect(caHash(crt)).toBe(createHash('sha256').update(crt).digest('hex'))
  const identity = { user: 'alice', groups: [] }
  const client = await makeClientCertificate(identity, pki.authorities['client-ca'], 90, world)
  expect(splitCertificates(client.crt).length).toBe(1)
})

test('an authority that the plan does not ask for is a fault of this program', async () => {
  const own = await makeTestCa()
  const authority = { role: 'root', certificates: [own.crt], key: own.object } as const
  await expect(makeClusterPki(plan('chain'), world, authority)).rejects.toThrow('only then')
})

describe.each([
  ['P-256', ec()],
  ['P-384', ec('P-384', 'SHA-384')],
  ['P-521', ec('P-521', 'SHA-512')],
  ['RSA 2048', rsa()],
])('an authority of %s', (_, algorithm) => {
  let root: TestCa
  let intermediate: TestCa
  beforeAll(async () => {
    root = await makeTestCa({ algorithm })
    intermediate = await makeTestCa({ name: 'Test Intermediate', issuer: root, algorithm })
  })
  const source = { kind: 'pkcs12', file: 'x', password: null } as const
  const make = (role: 'root' | 'intermediate', certificates: readonly string[], { object }: TestCa) =>
    makeClusterPki({ cluster: 'bakery', pki: { form: 'chain', authority: { role, source } } }, world, {
      role,
      certificates,
      key: object,
    })

  test('a root signs an intermediate of ours, whose key is kept; its own is not', async () => {
    const pki = await make('root', [root.crt], root)
    checkBundles(pki, 3)
    expect(pki.root).toEqual({ crt: root.crt, key: null })
    expect(pki.intermediate?.key).toMatch(/^-----BEGIN EC PRIVATE KEY/)
    expect(JSON.stringify(pki)).not.toContain(root.key.split('\n')[1])
    expect(caHash(pki.authorities['server-ca'].crt)).toBe(
      createHash('sha256').update(new X509Certificate(root.crt).raw).digest('hex'),
    )
  })

  test('an intermediate signs the issuing CAs; no key of it is kept', async () => {
    const pki = await make('intermediate', [intermediate.crt, root.crt], intermediate)
    checkBundles(pki, 3)
    expect([pki.root, pki.intermediate]).toEqual([
      { crt: root.crt, key: null },
      { crt: intermediate.crt, key: null },
    ])
    expect(JSON.stringify(pki)).not.toContain(intermediate.key.split('\n')[1])
  })
})

describe('properties', () => {
  /** Milliseconds of any day on which this program may run. */
  const times = fc.integer({ min: Date.parse('2020-02-29'), max: Date.parse('2045-01-01') })
  const day = 86_400_000

  test('chains of any length are in order, end with what is above them, and pin their root', async () => {
    await fc.assert(
      fc.asyncProperty(
        times,
        fc.array(fc.integer({ min: 400, max: 20_000 }), { minLength: 2, maxLength: 4 }),
        fc.constantFrom('root' as const, 'intermediate' as const),
        async (now, days, role) => {
          const chain: TestCa[] = []
          for (const [index, lifetime] of days.entries()) {
            const issuer = chain[0]
            const end = new Date(now + lifetime * day).toISOString()
            const wish = { name: `CA ${index}`, start: '2019-01-01', end }
            chain.unshift(await makeTestCa(issuer === undefined ? wish : { ...wish, issuer }))
          }
          const used = role === 'root' ? chain.slice(-1) : chain
          const [own] = used
          if (own === undefined) throw new Error('no chain')
          const certificates = used.map(({ crt }) => crt)
          const made: Chain = await ownChain('lab', { role, certificates, key: own.object }, testWorld(now))
          const authorities = await makeIssuingCas(made, testWorld(now))
          const earliest = Math.min(...used.map(({ certificate }) => certificate.notAfter.getTime()))
          for (const name of certificateAuthorities) {
            const bundle = readCertificates(authorities[name].crt)
            expect(bundle.length).toBe(used.length + (role === 'root' ? 2 : 1))
            for (const [index, certificate] of bundle.entries()) {
              const issuer = bundle[index + 1] ?? certificate
              expect(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)).toBe(true)
            }
            const [first] = bundle
            expect(first?.subject).toBe(`CN=k3s-${name.replace('/', '-')}@${Math.floor(now / 1000)}`)
            expect(Date.parse(first?.validTo ?? '')).toBeLessThanOrEqual(earliest)
            expect(Date.parse(first?.validFrom ?? '')).toBe(Date.parse('2020-01-01'))
            const root = new X509Certificate(certificates.at(-1) ?? '')
            expect(caHash(authorities[name].crt)).toBe(createHash('sha256').update(root.raw).digest('hex'))
          }
        },
      ),
      { numRuns: 12 },
    )
  })

  test('a client certificate ends after its lifetime, or with its CA', async () => {
    const names = fc
      .stringMatching(/^[A-Za-z0-9._@=,+"\\#;<> -]{1,40}$/)
      .filter((name) => name.trim() === name)
    const issued = testWorld(Date.parse('2026-01-01'))
    const { 'client-ca': ca } = await makeIssuingCas(null, issued)
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12_000 }),
        times,
        names,
        fc.uniqueArray(names, { maxLength: 4 }),
        async (lifetimeDays, now, user, groups) => {
          const { crt } = await makeClientCertificate({ user, groups }, ca, lifetimeDays, testWorld(now))
          const certificate = new X509Certificate(crt)
          const end = Math.min(now + lifetimeDays * day, Date.parse('2046-01-01'))
          expect(Date.parse(certificate.validTo)).toBe(Math.floor(end / 1000) * 1000)
          const name = new x509.X509Certificate(certificate.raw).subjectName
          expect([name.getField('CN'), name.getField('O')]).toEqual([[user], groups])
        },
      ),
      { numRuns: 50 },
    )
  })

  test('one certificate: the hash of the bytes, whatever they are', async () => {
    const { crt } = await makeTestCa()
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        fc.pre(!`${before}${after}`.includes('-----'))
        const text = `${before}\n${crt}${after}`
        expect(caHash(text)).toBe(createHash('sha256').update(text).digest('hex'))
      }),
    )
  })
})
