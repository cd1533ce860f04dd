/** Private keys in files, in the forms that k3s reads and writes. */

import type { KeyObject } from 'node:crypto'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { writeFileAtomic } from '../files.ts'

const PRIVATE_KEY = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[^-]+-----END \1-----/g

export function readPrivateKey(path: string): KeyObject {
  const block = readFileSync(path, 'utf8').match(PRIVATE_KEY)?.[0]
  if (block === undefined) throw new Error(`${path}: data does not contain a valid RSA or ECDSA private key`)
  return createPrivateKey(block)
}

/** Keeps a key that is there; makes a P-256 one where none is. */
export function loadOrMakeKey(path: string, renew = false): KeyObject {
  if (!renew && existsSync(path)) return readPrivateKey(path)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  writeFileAtomic(path, privateKey.export({ format: 'pem', type: 'sec1' }), 0o600)
  return privateKey
}

/**
 * The service account key: several may follow one another, the first signs. The API server takes public halves only from
 * RSA keys and from EC keys in their own form (SEC1); an EC key in PKCS#8 it does not recognise.
 */
export function readServiceKey(path: string): KeyObject {
  const blocks = [...readFileSync(path, 'utf8').matchAll(PRIVATE_KEY)]
  const usable = blocks.filter(([block, label]) => {
    const type = createPrivateKey(block).asymmetricKeyType
    return type === 'rsa' || (type === 'ec' && label === 'EC PRIVATE KEY')
  })
  const first = usable[0]
  if (first === undefined) {
    throw new Error(
      `error reading public key file ${path}: data does not contain any valid RSA or ECDSA public keys`,
    )
  }
  return createPrivateKey(first[0])
}
