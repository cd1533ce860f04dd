import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NodeHost } from '../../host/node-host.ts'
import { createNodeHost } from '../../host/node-host.ts'
import type { CertificateAuthority } from '../../plan/build-plan.ts'
import { certificateAuthorities } from '../../plan/build-plan.ts'
import { caHash } from './ca-hash.ts'
import { renewables, renewPki, rotatePki } from './change-pki.ts'
import type { ClusterPki } from './cluster-pki.ts'
import { makeClusterPki } from './cluster-pki.ts'
import { makeClientCertificate } from './issue.ts'
import { splitCertificates } from './pem.ts'
import { ec, makeTestCa, rsa } from './testing.ts'
import type { OpensslBench } from './testing-openssl.ts'
import { makeOpensslBench } from './testing-openssl.ts'

let host: NodeHost
let folder: string
let save: OpensslBench['save']
let openssl: OpensslBench['openssl']
beforeAll(async () => {
  host = createNodeHost({ offline: true })
  ;({ folder, save, openssl } = await makeOpensslBench(host))
})
afterAll(() => host.close())

const source = { kind: 'pkcs12', file: 'x', password: null } as const
const end = '2060-01-01'

const kinds: Readonly<Record<string, () => Promise<ClusterPki>>> = {
  'all made by us': () =>
    makeClusterPki({ cluster: 'bakery', pki: { form: 'chain', authority: null } }, host),
  'self-signed': () =>
    makeClusterPki({ cluster: 'bakery', pki: { form: 'self-signed', authority: null } }, host),
  'own RSA root': async () => {
    const root = await makeTestCa({ algorithm: rsa(), end })
    const pki = { form: 'chain', authority: { role: 'root', source } } as const
    const authority = { role: 'root', certificates: [root.crt], key: root.object } as const
    return makeClusterPki({ cluster: 'bakery', pki }, host, authority)
  },
  'own P-384 intermediate below another': async () => {
    const algorithm = ec('P-384', 'SHA-384')
    const root = await makeTestCa({ algorithm, end, pathLength: 3 })
    const middle = await makeTestCa({ name: 'Middle', issuer: root, algorithm: rsa(), end, pathLength: 2 })
    const own = await makeTestCa({ name: 'Own', issuer: middle, algorithm, end, pathLength: 1 })
    const pki = { form: 'chain', authority: { role: 'intermediate', source } } as const
    const certificates = [own.crt, middle.crt, root.crt]
    return makeClusterPki({ cluster: 'bakery', pki }, host, {
      role: 'intermediate',
      certificates,
      key: own.object,
    })
  },
  renewed: async () => (await renewPki(await makeKind('all made by us'), renewables, host)).pki,
  rotated: async () => (await rotatePki(await makeKind('all made by us'), host)).pki,
}

const makeKind = (kind: string): Promise<ClusterPki> => {
  const make = kinds[kind]
  if (make === undefined) throw new Error(kind)
  return make()
}

/** A leaf as k3s makes it: the start of its CA, 365 days, key usage and extended usage. */
const signLeaf = async (pki: ClusterPki, ca: CertificateAuthority, usage: string): Promise<string> => {
  const { crt, key } = pki.authorities[ca]
  const extensions = await save(
    'leaf.cnf',
    `basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=${usage}\nauthorityKeyIdentifier=keyid\nsubjectAltName=DNS:kubernetes,DNS:localhost,IP:127.0.0.1,IP:10.43.0.1\n`,
  )
  const keyPath = join(folder, 'leaf.key')
  await openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', keyPath)
  const request = join(folder, 'leaf.csr')
  await openssl('req', '-new', '-key', keyPath, '-subj', '/CN=kube', '-out', request)
  const issuer = await save('issuer.pem', splitCertificates(crt)[0] ?? '')
  const issuerKey = await save('issuer.key', key)
  const signing = ['-CA', issuer, '-CAkey', issuerKey, '-CAcreateserial', '-extfile', extensions]
  const leaf = join(folder, 'leaf.pem')
  await openssl('x509', '-req', '-in', request, ...signing, '-days', '365', '-sha256', '-out', leaf)
  return leaf
}

const day = (date: string): string => String(Date.parse(date) / 1000)

describe.each(Object.keys(kinds))('%s', (kind) => {
  let pki: ClusterPki
  beforeAll(async () => {
    pki = await makeKind(kind)
  })

  /** Only the root is trusted; all between it and the leaf is what the bundle brings. */
  const trust = async (ca: CertificateAuthority): Promise<readonly string[]> => {
    const certificates = splitCertificates(pki.authorities[ca].crt)
    const root = await save('root.pem', certificates.at(-1) ?? '')
    const untrusted = await save('untrusted.pem', certificates.slice(0, -1).join(''))
    const between = certificates.length === 1 ? [] : ['-untrusted', untrusted]
    return ['-no-CAfile', '-no-CApath', '-x509_strict', '-CAfile', root, ...between]
  }

  test.each(certificateAuthorities)('openssl takes %s and each CA above it for every purpose', async (ca) => {
    const certificates = splitCertificates(pki.authorities[ca].crt)
    for (const [index, certificate] of certificates.entries()) {
      const path = await save(`ca-${index}.pem`, certificate)
      const text = await openssl('x509', '-in', path, '-noout', '-text', '-purpose')
      for (const purpose of ['SSL server', 'SSL client', 'Any Purpose'])
        expect(text).toContain(`${purpose} CA : Yes`)
      expect(text).toContain('X509v3 Subject Key Identifier')
      expect(text).not.toContain('Extended Key Usage')
      if (index < certificates.length - 1) expect(text).toContain('X509v3 Authority Key Identifier')
    }
    const own = await save('own.pem', certificates[0] ?? '')
    const times = kind.startsWith('own')
      ? ['2026-01-01', '2045-12-31']
      : ['2020-01-02', '2026-01-01', '2045-12-31']
    for (const time of times) await openssl('verify', '-attime', day(time), ...(await trust(ca)), own)
  })

  test('leaves of servers and clients are good for their purpose alone', async () => {
    for (const ca of ['server-ca', 'etcd/server-ca', 'etcd/peer-ca'] as const) {
      const leaf = await signLeaf(pki, ca, 'serverAuth')
      await openssl(
        'verify',
        '-purpose',
        'sslserver',
        '-verify_hostname',
        'kubernetes',
        ...(await trust(ca)),
        leaf,
      )
      await openssl('verify', '-purpose', 'sslserver', '-verify_ip', '10.43.0.1', ...(await trust(ca)), leaf)
      await expect(openssl('verify', '-purpose', 'sslclient', ...(await trust(ca)), leaf)).rejects.toThrow()
    }
    for (const ca of ['client-ca', 'request-header-ca', 'etcd/peer-ca'] as const) {
      const leaf = await signLeaf(pki, ca, 'clientAuth')
      await openssl('verify', '-purpose', 'sslclient', ...(await trust(ca)), leaf)
      const other = ca === 'client-ca' ? 'request-header-ca' : 'client-ca'
      await expect(
        openssl('verify', '-purpose', 'sslclient', ...(await trust(other)), leaf),
      ).rejects.toThrow()
    }
  })

  test("the administrator's certificate brings its chain, and only the root is needed to verify it", async () => {
    const identity = { user: 'appliance-admin', groups: ['system:masters'] }
    const { crt, key } = await makeClientCertificate(identity, pki.authorities['client-ca'], 1095, host)
    const [leaf = '', ...above] = splitCertificates(crt)
    const root = await save('root.pem', splitCertificates(pki.authorities['client-ca'].crt).at(-1) ?? '')
    const path = await save('admin.pem', leaf)
    const untrusted = await save('untrusted.pem', above.join(''))
    const between = above.length === 0 ? [] : ['-untrusted', untrusted]
    await openssl('verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', root, ...between, path)
    expect(await openssl('x509', '-in', path, '-noout', '-subject')).toContain(
      'O = system:masters, CN = appliance-admin',
    )
    expect(await openssl('pkey', '-in', await save('admin.key', key), '-pubout')).toBe(
      await openssl('x509', '-in', path, '-noout', '-pubkey'),
    )
  })

  test('the hash in tokens is what sha256sum gives for the file or the DER of the root', async () => {
    const { crt } = pki.authorities['server-ca']
    const certificates = splitCertificates(crt)
    const file = await save('server-ca.crt', crt)
    const der = join(folder, 'root.der')
    const root = await save('root.pem', certificates.at(-1) ?? '')
    await openssl('x509', '-in', root, '-outform', 'DER', '-out', der)
    expect(caHash(crt)).toBe(await host.files.sha256(certificates.length === 1 ? file : der))
  })

  test('openssl reads the service key', async () => {
    const path = await save('service.key', pki.serviceKey)
    expect(await openssl('rsa', '-in', path, '-check', '-noout')).toContain('RSA key ok')
  })
})
