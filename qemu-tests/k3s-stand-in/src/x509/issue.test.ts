import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseCertificate, toPem } from './certificate.ts'
import {
  addressBytes,
  issueLeaf,
  issueSelfSignedCa,
  makeSigningRequest,
  publicKeyOfRequest,
} from './issue.ts'

const key = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

test.for([
  ['P-256', key],
  ['RSA', rsa],
] as const)('an authority with a %s key signs leaves that verify', ([, make]) => {
  const caKey = make()
  const ca = parseCertificate(new X509Certificate(toPem('CERTIFICATE', issueSelfSignedCa('ca@1', caKey))))
  const request = {
    subject: { commonName: 'system:node:a', organizations: ['system:nodes'] },
    usages: ['client', 'server'] as const,
    names: ['a', '10.0.0.1', 'fd00::1'],
  }
  const leaf = new X509Certificate(issueLeaf(request, createPublicKey(key()), ca, caKey))
  expect(leaf.verify(ca.x509.publicKey)).toBe(true)
  expect(leaf.checkIssued(ca.x509)).toBe(true)
  expect(leaf.subject).toBe('O=system:nodes\nCN=system:node:a')
  expect(leaf.subjectAltName).toBe('DNS:a, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1')
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'])
  expect(leaf.ca).toBe(false)
  expect(leaf.validFrom).toBe(ca.x509.validFrom)
  const past = { ...ca, notBefore: new Date('2020-01-01') }
  const dated = new X509Certificate(issueLeaf(request, createPublicKey(key()), past, caKey))
  expect(Math.abs(Date.parse(dated.validFrom) + 3_600_000 - Date.now())).toBeLessThan(60_000)
  expect(parseCertificate(leaf).authorityKeyId).toEqual(ca.subjectKeyId)
  expect(ca.x509.ca).toBe(true)
})

test('a key that is not that of the authority is refused', () => {
  const caKey = key()
  const ca = parseCertificate(new X509Certificate(issueSelfSignedCa('ca', caKey)))
  const request = { subject: { commonName: 'x' }, usages: ['client'] as const }
  expect(() => issueLeaf(request, createPublicKey(key()), ca, key())).toThrow(
    "doesn't match parent's PublicKey",
  )
})

test('the key of a signing request is found again', () => {
  const own = key()
  const found = publicKeyOfRequest(makeSigningRequest(own))
  expect(found.equals(createPublicKey(own))).toBe(true)
  expect(() => publicKeyOfRequest(Buffer.from('junk'))).toThrow()
})

test.for([
  ['10.42.0.1', '0a2a0001'],
  ['::1', '00000000000000000000000000000001'],
  ['fd00:42::', 'fd000042000000000000000000000000'],
  ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
] as const)('%s in bytes', ([address, hex]) => {
  expect(addressBytes(address).toString('hex')).toBe(hex)
})
