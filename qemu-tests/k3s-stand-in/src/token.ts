/** Tokens: `password`, `id.secret`, `K10<hash of the CA>::user:password` and `K10<hash>::id.secret`. */

import { createHash } from 'node:crypto'
import { parseCertificates } from './x509/certificate.ts'
import { findRoot } from './x509/chain.ts'

const PREFIX = 'K10'
const HASH_LENGTH = 64
const BOOTSTRAP_TOKEN = /^[a-z0-9]{6}\.[a-z0-9]{16}$/

export interface Token {
  /** Hex digest of the CA, or empty. */
  readonly caHash: string
  readonly username: string
  readonly password: string
  /** `id.secret`, or null for a password. */
  readonly bootstrap: string | null
}

export function parseToken(text: string): Token {
  if (text === '') throw new Error('token must not be empty')
  let rest = text
  if (!rest.startsWith(PREFIX)) rest = `${PREFIX}${BOOTSTRAP_TOKEN.test(rest) ? '::' : ':::'}${rest}`
  rest = rest.slice(PREFIX.length)
  let caHash = ''
  const separator = rest.indexOf('::')
  if (separator >= 0) {
    caHash = rest.slice(0, separator)
    if (caHash.length > 0 && caHash.length !== HASH_LENGTH) throw new Error('invalid token CA hash length')
    rest = rest.slice(separator + 2)
  }
  if (BOOTSTRAP_TOKEN.test(rest)) return { caHash, username: '', password: '', bootstrap: rest }
  const colon = rest.indexOf(':')
  if (colon < 0 || colon === rest.length - 1) throw new Error('invalid token format')
  return { caHash, username: rest.slice(0, colon), password: rest.slice(colon + 1), bootstrap: null }
}

/** The password part of a server's own token. */
export function normalizeToken(text: string): string {
  let token: Token | null = null
  try {
    token = parseToken(text)
  } catch {
    token = null
  }
  if (token === null || token.bootstrap !== null) {
    throw new Error(
      'failed to normalize server token; must be in format K10<CA-HASH>::<USERNAME>:<PASSWORD> or <PASSWORD>',
    )
  }
  return token.password
}

/**
 * One certificate: digest of the file's bytes. More: digest of the root that the first one chains to, so that the hash
 * outlives a renewed intermediate; without a valid chain, of the file's bytes again.
 */
export function hashCa(bundle: Buffer, now = new Date()): string {
  const certificates = parseCertificates(bundle.toString())
  if (certificates.length === 0) throw new Error('data does not contain any valid RSA or ECDSA certificates')
  const root = certificates.length > 1 ? findRoot(certificates, now) : null
  return createHash('sha256')
    .update(root === null ? bundle : root.raw)
    .digest('hex')
}

export function formatToken(credentials: string, bundle: Buffer): string {
  return credentials === '' ? '' : `${PREFIX}${hashCa(bundle)}::${credentials}`
}
