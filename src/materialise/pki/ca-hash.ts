import type { X509Certificate } from 'node:crypto'
import { createHash } from 'node:crypto'
import { readCertificates } from './pem.ts'
import { authorityKeyId, subjectKeyId, x509 } from './x509.ts'

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** k3s takes for a root what names no issuer, or itself (pkg/clientaccess/token.go, hashCA). */
const isRoot = ({ raw }: X509Certificate): boolean => {
  const certificate = new x509.X509Certificate(raw)
  const above = authorityKeyId(certificate)
  return above === undefined || above === subjectKeyId(certificate)
}

/**
 * What a joining node compares with the body of `GET /cacerts`, which is the server CA's file. One certificate: the hash of
 * the file's bytes. More: the hash of the DER of the root that the first one leads to, so that it outlives a new server CA
 * under the same root. Where a chain does not lead to a root, nodes silently take the file's bytes instead; no token is ever
 * made of such a bundle.
 */
export const caHash = (bundle: string): string => {
  if (last?.bundle !== bundle) last = { bundle, hash: hashOf(bundle) }
  return last.hash
}

/** Every token of a build asks for the same hash. */
let last: { readonly bundle: string; readonly hash: string } | undefined

const hashOf = (bundle: string): string => {
  const [first, ...others] = readCertificates(bundle)
  if (first === undefined || others.length === 0) return sha256(bundle)
  let at = first
  for (const _ of others) {
    const issuer = others.find((other) => at.checkIssued(other) && at.verify(other.publicKey))
    if (issuer === undefined) break
    if (isRoot(issuer)) return sha256(issuer.raw)
    at = issuer
  }
  throw new Error('the bundle of the server CA does not lead to its root')
}
