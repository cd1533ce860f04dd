/** Reads certificates: what Node's own class does not tell (raw subject, key identifiers, extended key usage). */

import { X509Certificate } from 'node:crypto'
import type { DerValue } from './der.ts'
import { oid, readChildren, readDer } from './der.ts'

export interface Certificate {
  readonly x509: X509Certificate
  readonly raw: Buffer
  /** The subject as it is encoded: it becomes the issuer of what the certificate signs. */
  readonly subject: Buffer
  readonly publicKey: Buffer
  readonly subjectKeyId: Buffer | null
  readonly authorityKeyId: Buffer | null
  readonly hasExtendedKeyUsage: boolean
  /** How many intermediates may follow a CA, or null where it does not say. */
  readonly pathLength: number | null
  readonly notBefore: Date
  readonly notAfter: Date
}

const SUBJECT_KEY_ID = oid('2.5.29.14')
const AUTHORITY_KEY_ID = oid('2.5.29.35')
const EXTENDED_KEY_USAGE = oid('2.5.29.37')
const BASIC_CONSTRAINTS = oid('2.5.29.19')

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

export function parseCertificates(pem: string): Certificate[] {
  return (pem.match(PEM) ?? []).map((block) => parseCertificate(new X509Certificate(block)))
}

export function parseCertificate(x509: X509Certificate): Certificate {
  const fields = readChildren(readChildren(readDer(x509.raw).content)[0]?.content ?? Buffer.alloc(0))
  if (fields[0]?.tag === 0xa0) fields.shift()
  const [, , , , subject, publicKey, ...optional] = fields
  if (subject === undefined || publicKey === undefined) throw new Error('x509: malformed certificate')
  const extensions = new Map<string, Buffer>()
  for (const extension of extensionsOf(optional)) {
    const parts = readChildren(extension.content)
    const value = parts.at(-1)
    if (parts[0] !== undefined && value !== undefined)
      extensions.set(parts[0].raw.toString('hex'), value.content)
  }
  const subjectKeyId = extensions.get(SUBJECT_KEY_ID.toString('hex'))
  const authorityKeyId = extensions.get(AUTHORITY_KEY_ID.toString('hex'))
  const basicConstraints = extensions.get(BASIC_CONSTRAINTS.toString('hex'))
  return {
    x509,
    raw: x509.raw,
    subject: subject.raw,
    publicKey: publicKey.raw,
    subjectKeyId: subjectKeyId === undefined ? null : readDer(subjectKeyId).content,
    authorityKeyId: authorityKeyId === undefined ? null : keyIdentifier(authorityKeyId),
    hasExtendedKeyUsage: extensions.has(EXTENDED_KEY_USAGE.toString('hex')),
    pathLength: basicConstraints === undefined ? null : pathLength(basicConstraints),
    notBefore: new Date(x509.validFrom),
    notAfter: new Date(x509.validTo),
  }
}

export function toPem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

function extensionsOf(optional: readonly DerValue[]): DerValue[] {
  const wrapper = optional.find((field) => field.tag === 0xa3)
  return wrapper === undefined ? [] : readChildren(readDer(wrapper.content).content)
}

/** The `pathLenConstraint` of BasicConstraints. */
function pathLength(value: Buffer): number | null {
  const found = readChildren(readDer(value).content).find((field) => field.tag === 0x02)
  return found === undefined ? null : Number(`0x${found.content.toString('hex')}`)
}

/** The `keyIdentifier` of an AuthorityKeyIdentifier. */
function keyIdentifier(value: Buffer): Buffer | null {
  const found = readChildren(readDer(value).content).find((field) => field.tag === 0x80)
  return found?.content ?? null
}
