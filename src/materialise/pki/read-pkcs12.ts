import { Buffer } from 'node:buffer'
import type { KeyObject } from 'node:crypto'
import { createHmac, createPrivateKey, timingSafeEqual, X509Certificate } from 'node:crypto'
import forge from 'node-forge'
import type { Binary } from './pkcs12-decrypt.ts'
import { childrenOf, decrypt, integerOf, octetsOf, oidOf, parseAsn1, toBuffer } from './pkcs12-decrypt.ts'

type Asn1 = forge.asn1.Asn1

/** Content types of PKCS#7, and the bags of RFC 7292 (4.2) that hold what an authority needs. */
const oids = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  nestedBags: '1.2.840.113549.1.12.10.1.6',
  x509: '1.2.840.113549.1.9.22.1',
} as const

const digests: Readonly<Record<string, 'sha1' | 'sha256' | 'sha384' | 'sha512'>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

/** What a file holds, in no order. */
export interface Pkcs12Content {
  readonly certificates: readonly X509Certificate[]
  readonly keys: readonly KeyObject[]
}

/** `password`: the file is whole, and the password is not its own. `why` goes on from "the file cannot be read:". */
export type Pkcs12Result =
  | { readonly kind: 'content'; readonly content: Pkcs12Content }
  | { readonly kind: 'password' }
  | { readonly kind: 'unreadable'; readonly why: string }

/** Whether the password is the one that the file was sealed with (RFC 7292, appendix A). */
const sealFits = (mac: Asn1, content: Binary, password: string | undefined): boolean => {
  const [info, salt, iterations] = childrenOf(mac)
  const [algorithm, expected] = childrenOf(info)
  const oid = oidOf(childrenOf(algorithm)[0])
  const digest = digests[oid]
  if (digest === undefined) throw new Error(`it is sealed by a method (${oid}) that is not supported`)
  const md = forge.md[digest].create()
  const count = iterations === undefined ? 1 : integerOf(iterations)
  const saltBuffer = forge.util.createBuffer(octetsOf(salt))
  const key = forge.pkcs12.generateKey(password, saltBuffer, 3, count, md.digestLength, md)
  const own = createHmac(digest, toBuffer(key.getBytes())).update(toBuffer(content)).digest()
  const sealed = toBuffer(octetsOf(expected))
  return own.length === sealed.length && timingSafeEqual(own, sealed)
}

interface Bags {
  readonly certificates: X509Certificate[]
  readonly keys: KeyObject[]
}

const privateKey = (pkcs8: Buffer): KeyObject =>
  createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })

const readBag = (bag: Asn1, password: string | undefined, into: Bags): void => {
  const [id, wrapped] = childrenOf(bag)
  const [value] = childrenOf(wrapped)
  switch (oidOf(id)) {
    case oids.keyBag:
      if (value !== undefined) into.keys.push(privateKey(toBuffer(forge.asn1.toDer(value).getBytes())))
      break
    case oids.shroudedKeyBag: {
      const [algorithm, data] = childrenOf(value)
      into.keys.push(privateKey(toBuffer(decrypt(algorithm, octetsOf(data), password))))
      break
    }
    case oids.certificateBag: {
      const [type, content] = childrenOf(value)
      if (oidOf(type) === oids.x509)
        into.certificates.push(new X509Certificate(toBuffer(octetsOf(childrenOf(content)[0]))))
      break
    }
    case oids.nestedBags:
      for (const nested of childrenOf(value)) readBag(nested, password, into)
      break
    default: // lists of revoked certificates and other secrets
  }
}

/** A ContentInfo as the bytes of the bags in it. */
const openContent = (info: Asn1, password: string | undefined): Binary => {
  const [type, wrapped] = childrenOf(info)
  const [value] = childrenOf(wrapped)
  const oid = oidOf(type)
  if (oid === oids.data) return octetsOf(value)
  if (oid !== oids.encryptedData) throw new Error('it is encrypted for a certificate, not with a password')
  const [, algorithm, data] = childrenOf(childrenOf(value)[1])
  return decrypt(algorithm, octetsOf(data), password)
}

/** Opens a PKCS#12 file (RFC 7292). With null the file is taken to have no password, or an empty one. */
export const readPkcs12 = (bytes: Uint8Array, password: string | null): Pkcs12Result => {
  try {
    const [version, safe, mac] = childrenOf(parseAsn1(Buffer.from(bytes).toString('latin1')))
    const [type, wrapped] = childrenOf(safe)
    if (integerOf(version) !== 3 || oidOf(type) !== oids.data) {
      return { kind: 'unreadable', why: 'it is not a PKCS#12 file with a password' }
    }
    const content = octetsOf(childrenOf(wrapped)[0])
    const candidates = password === null ? ['', undefined] : [password]
    const fitting =
      mac === undefined ? candidates : candidates.filter((candidate) => sealFits(mac, content, candidate))
    if (fitting.length === 0) return { kind: 'password' }
    return readSafe(content, fitting[0], mac !== undefined)
  } catch (error) {
    return { kind: 'unreadable', why: error instanceof Error ? error.message : String(error) }
  }
}

/** Without a seal, a wrong password is only seen by what it decrypts to. */
const readSafe = (content: Binary, password: string | undefined, isSealed: boolean): Pkcs12Result => {
  const bags: Bags = { certificates: [], keys: [] }
  try {
    for (const info of childrenOf(parseAsn1(content))) {
      for (const bag of childrenOf(parseAsn1(openContent(info, password)))) readBag(bag, password, bags)
    }
  } catch (error) {
    const isOurs = error instanceof Error && /not supported|not with a password/.test(error.message)
    if (isSealed || isOurs) throw error
    return { kind: 'password' }
  }
  return { kind: 'content', content: bags }
}
