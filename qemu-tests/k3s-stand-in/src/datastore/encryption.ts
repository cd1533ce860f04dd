/** Bootstrap data at rest, in the form of k3s (pkg/cluster/encrypt.go): `<salt>:<base64>`, opened by the token alone. */

import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync, randomBytes } from 'node:crypto'

const ROUNDS = 4096
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** `/bootstrap/<first 12 hex of the digest>`. */
export const bootstrapKey = (password: string): string =>
  `/bootstrap/${createHash('sha256').update(password).digest('hex').slice(0, 12)}`

const keyOf = (password: string, salt: string): Buffer => pbkdf2Sync(password, salt, ROUNDS, 32, 'sha1')

export function encrypt(password: string, text: string): string {
  const salt = randomBytes(8).toString('hex')
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keyOf(password, salt), nonce)
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `${salt}:${sealed.toString('base64')}`
}

export function decrypt(password: string, sealed: string): string {
  const [salt = '', encoded = ''] = sealed.split(':')
  const bytes = Buffer.from(encoded, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', keyOf(password, salt), bytes.subarray(0, NONCE_BYTES))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  return Buffer.concat([
    decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)),
    decipher.final(),
  ]).toString()
}
