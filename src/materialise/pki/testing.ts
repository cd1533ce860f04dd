import type { KeyObject } from 'node:crypto'
import { KeyObject as KeyObjects, webcrypto } from 'node:crypto'
import type { PkiWorld } from './issue.ts'
import type { CryptoKey, CryptoKeyPair } from './keys.ts'
import { certificatePem } from './pem.ts'
import { subjectKeyId, x509 } from './x509.ts'

export const testWorld = (nowMs = Date.parse('2026-03-04T05:06:07Z')): PkiWorld => ({
  now: () => nowMs,
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
})

type Algorithm =
  | { readonly name: 'ECDSA'; readonly namedCurve: string; readonly hash: string }
  | {
      readonly name: 'RSASSA-PKCS1-v1_5'
      readonly hash: string
      readonly modulusLength: number
      readonly publicExponent: Uint8Array
    }

export const ec = (namedCurve: 'P-256' | 'P-384' | 'P-521' = 'P-256', hash = 'SHA-256'): Algorithm => ({
  name: 'ECDSA',
  namedCurve,
  hash,
})

export const rsa = (modulusLength = 2048, hash = 'SHA-256'): Algorithm => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash,
  modulusLength,
  publicExponent: Uint8Array.of(1, 0, 1),
})

/** What an authority of the user's may look like; what is not given is as it should be. */
export interface TestCaWish {
  readonly name?: string
  readonly issuer?: TestCa
  readonly algorithm?: Algorithm
  readonly start?: string
  readonly end?: string
  /** False: no basicConstraints at all. */
  readonly ca?: boolean
  readonly pathLength?: number
  readonly usages?: x509.KeyUsageFlags
  readonly withSubjectKeyId?: boolean
  readonly withAuthorityKeyId?: boolean
  readonly extensions?: readonly x509.Extension[]
}

export interface TestCa {
  /** PEM. */
  readonly crt: string
  /** PKCS#8 PEM. */
  readonly key: string
  readonly object: KeyObject
  readonly certificate: x509.X509Certificate
  readonly algorithm: Algorithm
  readonly signingKey: CryptoKey
}

const usual = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign

/** An authority as a user may have one, good or bad. */
export const makeTestCa = async (wish: TestCaWish = {}): Promise<TestCa> => {
  const { name = 'Test Root', issuer, algorithm = ec(), ca = true, usages = usual } = wish
  const {
    start = '2024-01-01',
    end = '2040-01-01',
    withSubjectKeyId = true,
    withAuthorityKeyId = true,
  } = wish
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair
  const issuerId = issuer === undefined ? undefined : subjectKeyId(issuer.certificate)
  const { hash } = (issuer ?? { algorithm }).algorithm
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: Buffer.from(crypto.getRandomValues(new Uint8Array(8)))
      .toString('hex')
      .replace(/^./, '4'),
    subject: `CN=${name}`,
    issuer: issuer?.certificate.subject ?? `CN=${name}`,
    notBefore: new Date(start),
    notAfter: new Date(end),
    signingAlgorithm: { ...(issuer?.algorithm ?? algorithm), hash },
    publicKey: keys.publicKey,
    signingKey: issuer?.signingKey ?? keys.privateKey,
    extensions: [
      ...(ca ? [new x509.BasicConstraintsExtension(true, wish.pathLength, true)] : []),
      new x509.KeyUsagesExtension(usages, true),
      ...(withSubjectKeyId ? [await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)] : []),
      ...(withAuthorityKeyId && issuerId !== undefined
        ? [new x509.AuthorityKeyIdentifierExtension(issuerId)]
        : []),
      ...(wish.extensions ?? []),
    ],
  })
  const object = KeyObjects.from(keys.privateKey)
  return {
    crt: certificatePem(new Uint8Array(certificate.rawData)),
    key: object.export({ type: 'pkcs8', format: 'pem' }).toString(),
    object,
    certificate,
    algorithm,
    signingKey: keys.privateKey,
  }
}
