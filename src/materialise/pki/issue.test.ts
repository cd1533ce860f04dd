import { createPublicKey, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { certificateAuthorities } from '../../plan/build-plan.ts'
import { nodePassword } from '../node-password.ts'
import { caHash } from './ca-hash.ts'
import { makeCa, makeClientCertificate } from './issue.ts'
import { makeServiceKey } from './keys.ts'

const world = {
  now: () => Date.parse('2026-03-04T05:06:07Z'),
  randomBytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
}

test.each(certificateAuthorities)('%s is a self-signed P-256 CA that starts in the past', async (name) => {
  const { crt, key } = await makeCa(name, null, world)
  const certificate = new X509Certificate(crt)
  expect(certificate.ca).toBe(true)
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
  expect(certificate.validFrom).toBe('Jan  1 00:00:00 2020 GMT')
  expect(certificate.validTo).toBe('Mar  4 00:00:00 2046 GMT')
  expect(certificate.keyUsage).toBeUndefined() // Node's name for the extended key usage: none on a CA
  expect(key).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/)
  expect(key.endsWith('-----END EC PRIVATE KEY-----\n')).toBe(true)
  expect(crt.endsWith('-----END CERTIFICATE-----\n')).toBe(true)
  expect(createPublicKey(key).export({ type: 'spki', format: 'pem' })).toBe(
    certificate.publicKey.export({ type: 'spki', format: 'pem' }),
  )
})

test('the admin certificate chains to the client CA and carries group and user', async () => {
  const ca = await makeCa('client-ca', null, world)
  const other = await makeCa('client-ca', null, world)
  const admin = await makeClientCertificate(
    { user: 'appliance-admin', groups: ['system:masters'] },
    ca,
    1095,
    world,
  )
  const certificate = new X509Certificate(admin.crt)
  expect(certificate.checkIssued(new X509Certificate(ca.crt))).toBe(true)
  expect(certificate.verify(new X509Certificate(ca.crt).publicKey)).toBe(true)
  expect(certificate.verify(new X509Certificate(other.crt).publicKey)).toBe(false)
  expect(certificate.subject).toBe('O=system:masters\nCN=appliance-admin')
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  expect(certificate.ca).toBe(false)
})

test('the service key is RSA in PKCS#1', async () => {
  const key = await makeServiceKey()
  expect(key).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/)
  expect(createPublicKey(key).asymmetricKeyDetails?.modulusLength).toBe(2048)
})

test('the CA hash is over the bytes of the file, final newline included', () => {
  expect(caHash('a\n')).toBe('87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7')
})

test('node passwords differ by node and by cluster, and stay', () => {
  const password = nodePassword('00'.repeat(32), 'alpha')
  expect(password).toMatch(/^[0-9a-f]{32}$/)
  expect(nodePassword('00'.repeat(32), 'alpha')).toBe(password)
  expect(nodePassword('00'.repeat(32), 'beta')).not.toBe(password)
  expect(nodePassword('01'.repeat(32), 'alpha')).not.toBe(password)
})
