import { afterEach, beforeEach, expect, test } from 'vitest'
import type { NodeHost } from '../../host/node-host.ts'
import { createNodeHost } from '../../host/node-host.ts'
import { certificateAuthorities } from '../../plan/build-plan.ts'
import { makeCa, makeClientCertificate } from './issue.ts'
import { makeServiceKey } from './keys.ts'
import type { OpensslBench } from './testing-openssl.ts'
import { makeOpensslBench } from './testing-openssl.ts'

let host: NodeHost
let save: OpensslBench['save']
let openssl: OpensslBench['openssl']
beforeEach(async () => {
  host = createNodeHost({ offline: true })
  ;({ save, openssl } = await makeOpensslBench(host))
})
afterEach(() => host.close())

test.each(certificateAuthorities)(
  'openssl takes %s for a CA for every purpose, also at the dates it must serve',
  async (name) => {
    const { crt, key } = await makeCa(name, null, host)
    const path = await save('ca.crt', crt)
    const purposes = await openssl('x509', '-in', path, '-noout', '-purpose')
    expect(purposes).toContain('SSL server CA : Yes')
    expect(purposes).toContain('SSL client CA : Yes')
    const text = await openssl('x509', '-in', path, '-noout', '-text')
    expect(text).toContain('CA:TRUE')
    expect(text).toContain('X509v3 Subject Key Identifier')
    expect(text).not.toContain('Extended Key Usage')
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature, Key Encipherment, Certificate Sign\n/)
    for (const day of ['2020-01-02', '2026-01-01', '2045-12-31']) {
      const seconds = String(Date.parse(day) / 1000)
      await openssl('verify', '-x509_strict', '-attime', seconds, '-CAfile', path, path)
    }
    expect(await openssl('ec', '-in', await save('ca.key', key), '-noout', '-text')).toContain('prime256v1')
  },
)

test('openssl accepts the admin certificate as a client of the client CA, and as nothing else', async () => {
  const ca = await makeCa('client-ca', null, host)
  const admin = await makeClientCertificate(
    { user: 'appliance-admin', groups: ['system:masters'] },
    ca,
    1095,
    host,
  )
  const caPath = await save('ca.crt', ca.crt)
  const path = await save('admin.crt', admin.crt)
  await openssl('verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', caPath, path)
  await expect(openssl('verify', '-purpose', 'sslserver', '-CAfile', caPath, path)).rejects.toThrow()
  expect(await openssl('x509', '-in', path, '-noout', '-subject')).toContain(
    'O = system:masters, CN = appliance-admin',
  )
  const [own, fromKey] = [
    await openssl('x509', '-in', path, '-noout', '-pubkey'),
    await openssl('pkey', '-in', await save('admin.key', admin.key), '-pubout'),
  ]
  expect(fromKey).toBe(own)
})

test('openssl reads the service key', async () => {
  const path = await save('service.key', await makeServiceKey())
  expect(await openssl('rsa', '-in', path, '-check', '-noout')).toContain('RSA key ok')
})
