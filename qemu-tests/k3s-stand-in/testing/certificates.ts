/** Certificate authorities for tests, as a build machine would make them: dated back, self-signed or under one root. */

import 'reflect-metadata'
import { isIP } from 'node:net'
import type { Extension } from '@peculiar/x509'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

const makeKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])

type Keys = Awaited<ReturnType<typeof makeKeys>>

export interface Authority {
  readonly name: string
  readonly pem: string
  readonly keyPem: string
  readonly keys: Keys
}

export interface AuthorityOptions {
  readonly issuer?: Authority
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly extendedKeyUsage?: string
  readonly pathLength?: number
  /** Instead of new ones. */
  readonly keys?: Keys
  /** Hex, instead of the digest of the key. */
  readonly subjectKeyId?: string
}

export async function makeAuthority(name: string, options: AuthorityOptions = {}): Promise<Authority> {
  const keys = options.keys ?? (await makeKeys())
  const { issuer, extendedKeyUsage, subjectKeyId } = options
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: `CN=${issuer?.name ?? name}`,
    notBefore: options.notBefore ?? new Date('2025-01-01T00:00:00Z'),
    notAfter: options.notAfter ?? new Date('2045-01-01T00:00:00Z'),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    extensions: [
      new BasicConstraintsExtension(true, options.pathLength, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign, true),
      subjectKeyId === undefined
        ? await SubjectKeyIdentifierExtension.create(keys.publicKey)
        : new SubjectKeyIdentifierExtension(subjectKeyId),
      issuer === undefined && subjectKeyId !== undefined
        ? new AuthorityKeyIdentifierExtension(subjectKeyId)
        : await AuthorityKeyIdentifierExtension.create((issuer?.keys ?? keys).publicKey),
      ...(extendedKeyUsage === undefined ? [] : [new ExtendedKeyUsageExtension([extendedKeyUsage])]),
    ],
  })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    name,
    pem: `${certificate.toString('pem')}\n`,
    keyPem: `-----BEGIN PRIVATE KEY-----\n${(key.match(/.{1,64}/g) ?? []).join('\n')}\n-----END PRIVATE KEY-----\n`,
    keys,
  }
}

/** A certificate for a client, signed away from the server. */
export function makeClient(ca: Authority, subject: string): Promise<{ certificate: string; key: string }> {
  return makeLeaf(ca, subject, [new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2'])])
}

async function makeLeaf(
  ca: Authority,
  subject: string,
  extensions: readonly Extension[],
): Promise<{ certificate: string; key: string }> {
  const keys = await makeKeys()
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: `CN=${ca.name}`,
    notBefore: new Date('2025-01-01T00:00:00Z'),
    notAfter: new Date('2045-01-01T00:00:00Z'),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: ca.keys.privateKey,
    extensions: [new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true), ...extensions],
  })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${(key.match(/.{1,64}/g) ?? []).join('\n')}\n-----END PRIVATE KEY-----\n`,
  }
}

/** A certificate for a server at these names and addresses; it may call others by it too, as etcd does itself. */
export async function makeServer(
  ca: Authority,
  names: readonly string[],
): Promise<{ certificate: string; key: string }> {
  return makeLeaf(ca, `CN=${names[0] ?? ''}`, [
    new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']),
    new SubjectAlternativeNameExtension(
      names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
    ),
  ])
}
