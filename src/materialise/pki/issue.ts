import 'reflect-metadata'
import { createPrivateKey, generateKeyPair, KeyObject, webcrypto } from 'node:crypto'
import { promisify } from 'node:util'
import * as x509 from '@peculiar/x509'
import type { CertificateAuthority } from '../../plan/build-plan.ts'

/** The names of the DOM's types, which this program is compiled without. */
type Keys = webcrypto.CryptoKeyPair
type Key = webcrypto.CryptoKey

x509.cryptoProvider.set(webcrypto)

/** Both PEM, each ending in one newline. The key is SEC1 (`EC PRIVATE KEY`), as k3s itself writes it. */
export interface CertificateAndKey {
  readonly crt: string
  readonly key: string
}

/**
 * Every certificate starts here, whatever the day it is made. k3s gives its leaves the start of their CA, and a node
 * without a clock battery wakes at some day of its firmware's youth: before this day it is lifted by the clock floor.
 */
export const certificatesStart = new Date('2020-01-01T00:00:00Z')

/** An appliance is not visited to renew a CA; 20 years outlast the hardware. */
const caYears = 20

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

const dayMs = 24 * 60 * 60 * 1000

const inYears = (fromMs: number, years: number): Date => {
  const end = new Date(fromMs)
  end.setUTCFullYear(end.getUTCFullYear() + years)
  end.setUTCHours(0, 0, 0, 0)
  return end
}

/** Positive and of at most 16 bytes (RFC 5280, 4.1.2.2). */
const serialNumber = (random: Uint8Array): string => {
  const bytes = Uint8Array.from(random)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return Buffer.from(bytes).toString('hex')
}

export interface PkiWorld {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly randomBytes: (length: number) => Uint8Array
}

const generateKeys = (): Promise<Keys> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<Keys>

const sec1Pem = (key: Key): string => KeyObject.from(key).export({ type: 'sec1', format: 'pem' }).toString()

const certificatePem = (certificate: x509.X509Certificate): string =>
  `${certificate.toString('pem').trim()}\n`

/**
 * A self-signed issuing CA of the form k3s makes (contrib/util/generate-custom-ca-certs.sh): subject key id for k3s's check
 * of its leaves, no extended key usage (Go would then refuse it as a root for other uses).
 */
export const makeCa = async (name: CertificateAuthority, world: PkiWorld): Promise<CertificateAndKey> => {
  const keys = await generateKeys()
  const usages =
    x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.keyCertSign
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(world.randomBytes(16)),
    name: [{ CN: [`k3s-${name.replace('/', '-')}@${Math.floor(world.now() / 1000)}`] }],
    notBefore: certificatesStart,
    notAfter: inYears(world.now(), caYears),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(usages, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { crt: certificatePem(certificate), key: sec1Pem(keys.privateKey) }
}

/** Signs service-account tokens. PKCS#1: the form that every k3s release reads. */
export const makeServiceKey = async (): Promise<string> => {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
}

export interface ClientIdentity {
  /** Common name: the Kubernetes user, distinct from k3s's own `system:admin` for the audit log. */
  readonly user: string
  /** Organisations: the Kubernetes groups. */
  readonly groups: readonly string[]
}

/** A client certificate that the API server accepts from its first second: it authenticates by the CA alone. */
export const makeClientCertificate = async (
  identity: ClientIdentity,
  clientCa: CertificateAndKey,
  lifetimeDays: number,
  world: PkiWorld,
): Promise<CertificateAndKey> => {
  const issuer = new x509.X509Certificate(clientCa.crt)
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(world.randomBytes(16)),
    subject: [...identity.groups.map((group) => ({ O: [group] })), { CN: [identity.user] }],
    issuer: issuer.subject,
    notBefore: certificatesStart,
    notAfter: new Date(world.now() + lifetimeDays * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await importSigningKey(clientCa.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  })
  return { crt: certificatePem(certificate), key: sec1Pem(keys.privateKey) }
}

/** WebCrypto reads PKCS#8 only. */
const importSigningKey = async (sec1: string): Promise<Key> => {
  const pkcs8 = createPrivateKey(sec1).export({ type: 'pkcs8', format: 'der' })
  return (await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign'])) as Key
}
