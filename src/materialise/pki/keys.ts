import type { KeyObject, webcrypto } from 'node:crypto'
import { createPrivateKey, webcrypto as crypto, generateKeyPair, KeyObject as KeyObjects } from 'node:crypto'
import { promisify } from 'node:util'

/** The names of the DOM's types, which this program is compiled without. */
export type CryptoKey = webcrypto.CryptoKey
export type CryptoKeyPair = webcrypto.CryptoKeyPair

/** Every key that this program makes for a certificate. */
export const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export const generateKeys = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>

/** SEC1 (`EC PRIVATE KEY`), as k3s itself writes keys. */
export const sec1Pem = (key: CryptoKey): string =>
  KeyObjects.from(key).export({ type: 'sec1', format: 'pem' }).toString()

/** Signs service-account tokens. PKCS#1: the form that every k3s release reads. */
export const makeServiceKey = async (): Promise<string> => {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
}

/** How WebCrypto signs with a key. */
export type SigningAlgorithm =
  | { readonly name: 'ECDSA'; readonly namedCurve: string; readonly hash: string }
  | { readonly name: 'RSASSA-PKCS1-v1_5'; readonly hash: string }

/** OpenSSL's name of a curve -> how it signs. Others are unknown to Go, and so to k3s. */
const curves: Readonly<Record<string, { readonly namedCurve: string; readonly hash: string }>> = {
  prime256v1: { namedCurve: 'P-256', hash: 'SHA-256' },
  secp384r1: { namedCurve: 'P-384', hash: 'SHA-384' },
  secp521r1: { namedCurve: 'P-521', hash: 'SHA-512' },
}

/** Undefined for a kind of key that cannot sign certificates which k3s accepts. */
export const signingAlgorithm = (key: KeyObject): SigningAlgorithm | undefined => {
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const curve = curves[key.asymmetricKeyDetails?.namedCurve ?? '']
  return key.asymmetricKeyType === 'ec' && curve !== undefined ? { name: 'ECDSA', ...curve } : undefined
}

/** A private key that signs, and how. */
export interface Signer {
  readonly key: CryptoKey
  readonly algorithm: SigningAlgorithm
}

/** WebCrypto reads PKCS#8 only. */
export const signerOf = async (key: KeyObject | string): Promise<Signer> => {
  const object = typeof key === 'string' ? createPrivateKey(key) : key
  const algorithm = signingAlgorithm(object)
  if (algorithm === undefined) throw new Error('a key that cannot sign certificates was not refused')
  const pkcs8 = object.export({ type: 'pkcs8', format: 'der' })
  return { algorithm, key: await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']) }
}
