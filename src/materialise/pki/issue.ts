import { createPublicKey, webcrypto } from 'node:crypto'
import { dayMs } from '../../host/day.ts'
import type { CryptoKey, Signer } from './keys.ts'
import { generateKeys, keyAlgorithm, sec1Pem, signerOf } from './keys.ts'
import { certificatePem, splitCertificates } from './pem.ts'
import { subjectKeyId, x509 } from './x509.ts'

/** Both PEM, each ending in one newline. The key is SEC1 (`EC PRIVATE KEY`), as k3s itself writes it. */
export interface CertificateAndKey {
  /** The certificate, and with a chain what leads to its root. */
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

/** What signs: a certificate (PEM, the first of the text; what is above it may follow) and its key. */
export interface Issuer {
  readonly certificate: string
  readonly signer: Signer
}

export const issuerOf = async ({ crt, key }: CertificateAndKey): Promise<Issuer> => ({
  certificate: crt,
  signer: await signerOf(key),
})

/** Seconds since 1970, for the names of CAs: `k3s-server-ca@1767225600`, as in k3s's own. */
export const nameTime = (world: PkiWorld): number => Math.floor(world.now() / 1000)

const parse = (pem: string): x509.X509Certificate => new x509.X509Certificate(splitCertificates(pem)[0] ?? '')

/** Nothing outlives what is above it, even where an intermediate of the user's outlives its root. */
const earliestEnd = (issuer: Issuer | null, wanted: Date): Date =>
  new Date(
    Math.min(
      wanted.getTime(),
      ...splitCertificates(issuer?.certificate ?? '').map((pem) => parse(pem).notAfter.getTime()),
    ),
  )

const caUsages =
  x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.keyCertSign

interface CaRequest {
  readonly subject: x509.JsonName | x509.Name
  readonly publicKey: CryptoKey
  /** Null: a root, signed by this key itself. */
  readonly issuer: Issuer | null
  readonly ownSigner: Signer
}

/**
 * A CA of the form k3s makes (contrib/util/generate-custom-ca-certs.sh): subject key id, by which k3s finds its leaves'
 * issuer, and authority key id, by which it tells a root from an intermediate. No extended key usage (Go would then refuse
 * it for other uses) and no path length. It ends with its issuer at the latest.
 */
const signCa = async (
  { subject, publicKey, issuer, ownSigner }: CaRequest,
  world: PkiWorld,
): Promise<string> => {
  const parent = issuer === null ? null : parse(issuer.certificate)
  const name = subject instanceof x509.Name ? subject : new x509.Name(subject)
  const { key: signingKey, algorithm } = issuer?.signer ?? ownSigner
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(world.randomBytes(16)),
    subject: name,
    issuer: parent?.subjectName ?? name,
    notBefore: certificatesStart,
    notAfter: earliestEnd(issuer, inYears(world.now(), caYears)),
    signingAlgorithm: algorithm,
    publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(caUsages, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ...(parent === null ? [] : [namesIssuer(parent)]),
    ],
  })
  return certificatePem(new Uint8Array(certificate.rawData))
}

/** The issuer's own subject key id, however it was made: verifiers compare the two byte by byte. */
const namesIssuer = (issuer: x509.X509Certificate): x509.Extension => {
  const id = subjectKeyId(issuer)
  if (id === undefined) throw new Error('a CA without a subject key id was not refused')
  return new x509.AuthorityKeyIdentifierExtension(id)
}

/** A new CA with a new P-256 key; self-signed without an issuer. `crt` is this one certificate. */
export const makeCa = async (
  commonName: string,
  issuer: Issuer | null,
  world: PkiWorld,
): Promise<CertificateAndKey> => {
  const { publicKey, privateKey } = await generateKeys()
  const crt = await signCa(
    {
      subject: [{ CN: [commonName] }],
      publicKey,
      issuer,
      ownSigner: { key: privateKey, algorithm: keyAlgorithm },
    },
    world,
  )
  return { crt, key: sec1Pem(privateKey) }
}

/** A new certificate for the same key and subject. `crt` is this one certificate. */
export const renewCa = async (
  { crt, key }: CertificateAndKey,
  issuer: Issuer | null,
  world: PkiWorld,
): Promise<CertificateAndKey> => {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const ownSigner = await signerOf(key)
  // An imported CA may have a key of another kind than ours.
  const publicKey = await webcrypto.subtle.importKey('spki', spki, ownSigner.algorithm, true, ['verify'])
  return { crt: await signCa({ subject: parse(crt).subjectName, publicKey, issuer, ownSigner }, world), key }
}

export interface ClientIdentity {
  /** Common name: the Kubernetes user, distinct from k3s's own `system:admin` for the audit log. */
  readonly user: string
  /** Organisations: the Kubernetes groups. */
  readonly groups: readonly string[]
}

/** The library reads quotes, backslashes and a first `#` of a plain text as notation. */
const exactly = (text: string): [{ utf8String: string }] => [{ utf8String: text }]

/**
 * A client certificate that the API server accepts from its first second: it authenticates by the CA alone. With a chain
 * `crt` goes on with the issuing CA and what is between it and the root, which the server may not have in its pool.
 */
export const makeClientCertificate = async (
  identity: ClientIdentity,
  clientCa: CertificateAndKey,
  lifetimeDays: number,
  world: PkiWorld,
): Promise<CertificateAndKey> => {
  const own = await issuerOf(clientCa)
  const { certificate: bundle, signer } = own
  const issuer = parse(bundle)
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(world.randomBytes(16)),
    subject: new x509.Name([
      ...identity.groups.map((group) => ({ O: exactly(group) })),
      { CN: exactly(identity.user) },
    ]),
    issuer: issuer.subjectName,
    notBefore: certificatesStart,
    notAfter: earliestEnd(own, new Date(world.now() + lifetimeDays * dayMs)),
    signingAlgorithm: signer.algorithm,
    publicKey: keys.publicKey,
    signingKey: signer.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      namesIssuer(issuer),
    ],
  })
  const leaf = certificatePem(new Uint8Array(certificate.rawData))
  return { crt: leaf + splitCertificates(bundle).slice(0, -1).join(''), key: sec1Pem(keys.privateKey) }
}
