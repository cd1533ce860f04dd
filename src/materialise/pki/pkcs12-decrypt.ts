import { Buffer } from 'node:buffer'
import { createDecipheriv, pbkdf2Sync } from 'node:crypto'
import forge from 'node-forge'

type Asn1 = forge.asn1.Asn1

/** Bytes as forge has them: one character each. */
export type Binary = string

export const toBuffer = (binary: Binary): Buffer => Buffer.from(binary, 'latin1')

/** A structure of BER; throws where it is none, cut short or followed by something else. */
export const parseAsn1 = (binary: Binary): Asn1 => forge.asn1.fromDer(binary, true)

export const childrenOf = (node: Asn1 | undefined): readonly Asn1[] => {
  if (node === undefined || !Array.isArray(node.value))
    throw new Error('its structure is not that of PKCS#12')
  return node.value
}

/** Content of an octet string or integer; some programs write it in pieces. */
export const octetsOf = (node: Asn1 | undefined): Binary => {
  if (node === undefined) throw new Error('its structure is not that of PKCS#12')
  return Array.isArray(node.value) ? node.value.map((piece) => octetsOf(piece)).join('') : node.value
}

export const oidOf = (node: Asn1 | undefined): string => forge.asn1.derToOid(octetsOf(node))

export const integerOf = (node: Asn1 | undefined): number =>
  Number.parseInt(toBuffer(octetsOf(node)).toString('hex'), 16)

/** RFC 8018, B.1 and B.2. */
const prfs: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}
const ciphers: Readonly<Record<string, readonly [name: string, keyBytes: number]>> = {
  '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 16],
  '2.16.840.1.101.3.4.1.22': ['aes-192-cbc', 24],
  '2.16.840.1.101.3.4.1.42': ['aes-256-cbc', 32],
  '1.2.840.113549.3.7': ['des-ede3-cbc', 24],
}

const unsupported = (what: string): Error => new Error(`it is encrypted by ${what}, which is not supported`)

const openPbes2 = (parameters: Asn1 | undefined, data: Binary, password: string): Binary => {
  const [kdf, scheme] = childrenOf(parameters)
  const [kdfOid, kdfParameters] = childrenOf(kdf)
  const [cipherOid, iv] = childrenOf(scheme)
  if (oidOf(kdfOid) !== '1.2.840.113549.1.5.12') throw unsupported(`a key derivation (${oidOf(kdfOid)})`)
  const [salt, iterations, ...options] = childrenOf(kdfParameters)
  const prf = options.find((option) => Array.isArray(option.value))
  const prfOid = prf === undefined ? '1.2.840.113549.2.7' : oidOf(childrenOf(prf)[0])
  const digest = prfs[prfOid]
  const cipher = ciphers[oidOf(cipherOid)]
  if (digest === undefined) throw unsupported(`a key derivation (${prfOid})`)
  if (cipher === undefined) throw unsupported(`a cipher (${oidOf(cipherOid)})`)
  const [name, keyBytes] = cipher
  const key = pbkdf2Sync(password, toBuffer(octetsOf(salt)), integerOf(iterations), keyBytes, digest)
  const decipher = createDecipheriv(name, key, toBuffer(octetsOf(iv)))
  return Buffer.concat([decipher.update(toBuffer(data)), decipher.final()]).toString('latin1')
}

/** RFC 7292, appendix C; RC2 is no longer in OpenSSL's default set, so forge does these. */
const legacyCiphers: Readonly<Record<string, readonly [kind: 'des' | 'rc2', keyBytes: number]>> = {
  '1.2.840.113549.1.12.1.3': ['des', 24],
  '1.2.840.113549.1.12.1.4': ['des', 16],
  '1.2.840.113549.1.12.1.5': ['rc2', 16],
  '1.2.840.113549.1.12.1.6': ['rc2', 5],
}

const openLegacy = (
  [kind, keyBytes]: readonly [kind: 'des' | 'rc2', keyBytes: number],
  parameters: Asn1 | undefined,
  data: Binary,
  password: string | undefined,
): Binary => {
  const [salt, iterations] = childrenOf(parameters)
  const derive = (id: number, length: number): Binary =>
    forge.pkcs12
      .generateKey(password, forge.util.createBuffer(octetsOf(salt)), id, integerOf(iterations), length)
      .getBytes()
  const [key, iv] = [derive(1, keyBytes), derive(2, 8)]
  if (kind === 'des') {
    const tripled = key.length === 16 ? key + key.slice(0, 8) : key
    const decipher = createDecipheriv('des-ede3-cbc', toBuffer(tripled), toBuffer(iv))
    return Buffer.concat([decipher.update(toBuffer(data)), decipher.final()]).toString('latin1')
  }
  const decipher = forge.rc2.createDecryptionCipher(key, keyBytes * 8)
  decipher.start(iv)
  decipher.update(forge.util.createBuffer(data))
  if (!decipher.finish()) throw new Error('its content cannot be decrypted')
  return decipher.output.getBytes()
}

/**
 * Decrypts content by an AlgorithmIdentifier. The two families take the password in forms of their own: UTF-8 (RFC 8018), and
 * UTF-16 with a zero at its end (RFC 7292, B.1), where no password and an empty one differ.
 */
export const decrypt = (algorithm: Asn1 | undefined, data: Binary, password: string | undefined): Binary => {
  const [oid, parameters] = childrenOf(algorithm)
  const name = oidOf(oid)
  if (name === '1.2.840.113549.1.5.13') return openPbes2(parameters, data, password ?? '')
  const legacy = legacyCiphers[name]
  if (legacy === undefined) throw unsupported(`a method (${name})`)
  return openLegacy(legacy, parameters, data, password)
}
