/** Issues certificates with the contents of those that k3s issues, and makes signing requests. */

import type { KeyObject } from 'node:crypto'
import { createHash, createPublicKey, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import type { Certificate } from './certificate.ts'
import {
  bits,
  boolean,
  der,
  integer,
  octets,
  oid,
  readChildren,
  readDer,
  sequence,
  set,
  time,
  utf8,
} from './der.ts'

export interface Subject {
  readonly commonName: string
  readonly organizations?: readonly string[]
}

export interface LeafRequest {
  readonly subject: Subject
  readonly usages: readonly ('server' | 'client')[]
  /** DNS names and addresses. */
  readonly names?: readonly string[]
}

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const USAGE_OIDS = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' }
/** digitalSignature and keyEncipherment; with keyCertSign. */
const LEAF_KEY_USAGE = bits(Buffer.from([0xa0]), 5)
const CA_KEY_USAGE = bits(Buffer.from([0xa4]), 2)

/**
 * Begins an hour ago, or with a CA that is younger, and ends in a year: so do releases since July 2026 (dynamiclistener,
 * cert/validity.go). In older ones the leaf begins when the CA does, and nodes whose clocks are behind join all the same.
 */
export function issueLeaf(
  request: LeafRequest,
  publicKey: KeyObject,
  ca: Certificate,
  caKey: KeyObject,
): Buffer {
  if (!spki(createPublicKey(caKey)).equals(ca.publicKey)) {
    throw new Error("x509: provided PrivateKey doesn't match parent's PublicKey")
  }
  const extensions = [
    extension('2.5.29.15', true, LEAF_KEY_USAGE),
    extension('2.5.29.37', false, sequence(...request.usages.map((usage) => oid(USAGE_OIDS[usage])))),
    extension('2.5.29.19', true, sequence()),
  ]
  if (ca.subjectKeyId !== null) {
    extensions.push(extension('2.5.29.35', false, sequence(der(0x80, ca.subjectKeyId))))
  }
  const names = request.names ?? []
  if (names.length > 0) extensions.push(extension('2.5.29.17', false, sequence(...names.map(generalName))))
  return certificate({
    subject: nameOf(request.subject),
    issuer: ca.subject,
    notBefore: new Date(Math.max(ca.notBefore.getTime(), Date.now() - HOUR_MS)),
    notAfter: new Date(Date.now() + 365 * DAY_MS),
    publicKey: spki(publicKey),
    extensions,
    key: caKey,
  })
}

/** A CA as k3s makes one for itself: ten years from now. */
export function issueSelfSignedCa(commonName: string, key: KeyObject): Buffer {
  const publicKey = spki(createPublicKey(key))
  const name = nameOf({ commonName })
  const keyBits = readChildren(readDer(publicKey).content)[1]?.content.subarray(1) ?? Buffer.alloc(0)
  const keyId = createHash('sha1').update(keyBits).digest()
  return certificate({
    subject: name,
    issuer: name,
    notBefore: new Date(),
    notAfter: new Date(Date.now() + 3650 * DAY_MS),
    publicKey,
    extensions: [
      extension('2.5.29.15', true, CA_KEY_USAGE),
      extension('2.5.29.19', true, sequence(boolean(true))),
      extension('2.5.29.14', false, octets(keyId)),
    ],
    key,
  })
}

/** PKCS#10 with an empty subject: the server decides the name. */
export function makeSigningRequest(key: KeyObject): Buffer {
  const info = sequence(integer(Buffer.from([0])), sequence(), spki(createPublicKey(key)), der(0xa0))
  return signed(info, key)
}

/** The public key that a PKCS#10 request asks to have certified. */
export function publicKeyOfRequest(request: Buffer): KeyObject {
  const info = readChildren(readDer(request).content)[0]
  const key = readChildren(info?.content ?? Buffer.alloc(0))[2]
  if (key === undefined) throw new Error('asn1: structure error: not a certificate request')
  return createPublicKey({ key: key.raw, format: 'der', type: 'spki' })
}

interface Contents {
  readonly subject: Buffer
  readonly issuer: Buffer
  readonly notBefore: Date
  readonly notAfter: Date
  readonly publicKey: Buffer
  readonly extensions: readonly Buffer[]
  readonly key: KeyObject
}

function certificate(contents: Contents): Buffer {
  const serial = randomBytes(8)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithmOf(contents.key),
    contents.issuer,
    sequence(time(contents.notBefore), time(contents.notAfter)),
    contents.subject,
    contents.publicKey,
    der(0xa3, sequence(...contents.extensions)),
  )
  return signed(body, contents.key)
}

function signed(body: Buffer, key: KeyObject): Buffer {
  return sequence(body, algorithmOf(key), bits(sign('sha256', body, key)))
}

function algorithmOf(key: KeyObject): Buffer {
  if (key.asymmetricKeyType === 'ec') return sequence(oid('1.2.840.10045.4.3.2'))
  if (key.asymmetricKeyType === 'rsa') return sequence(oid('1.2.840.113549.1.1.11'), der(0x05))
  throw new Error('x509: only RSA and ECDSA keys supported')
}

function spki(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' })
}

function nameOf({ commonName, organizations = [] }: Subject): Buffer {
  const attribute = (type: string, value: string): Buffer => set(sequence(oid(type), utf8(value)))
  return sequence(
    ...organizations.map((value) => attribute('2.5.4.10', value)),
    attribute('2.5.4.3', commonName),
  )
}

function extension(type: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(type), ...(critical ? [boolean(true)] : []), octets(value))
}

function generalName(name: string): Buffer {
  return isIP(name) === 0 ? der(0x82, Buffer.from(name)) : der(0x87, addressBytes(name))
}

export function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  let text = address
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  if (embedded?.[1] !== undefined && embedded[2] !== undefined) {
    text = embedded[1] + (addressBytes(embedded[2]).toString('hex').match(/.{4}/g) ?? []).join(':')
  }
  const [head = '', tail] = text.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const middle = Array<string>(8 - left.length - right.length).fill('0')
  return Buffer.from([...left, ...middle, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex')
}
