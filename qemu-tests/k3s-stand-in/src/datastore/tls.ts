/** Certificates for a datastore, and Go's words for what goes wrong with them. */

import { readFileSync } from 'node:fs'
import type { Settings } from '../cli/settings.ts'

export interface DatastoreTls {
  readonly ca: Buffer | undefined
  readonly cert: Buffer | undefined
  readonly key: Buffer | undefined
}

export function readTls(settings: Settings): DatastoreTls {
  const read = (name: string): Buffer | undefined => {
    const path = settings.text(name)
    return path === '' ? undefined : readFileSync(path)
  }
  return {
    ca: read('datastore-cafile'),
    cert: read('datastore-certfile'),
    key: read('datastore-keyfile'),
  }
}

/** What Node and OpenSSL say in code or text, which differ by version and driver; and the words of Go's crypto packages. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [
    /self.signed.cert|unable.to.(verify|get).*|CERT_SIGNATURE_FAILURE/i,
    'x509: certificate signed by unknown authority',
  ],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, 'x509: certificate has expired or is not yet valid'],
  [/alert.certificate.required/i, 'remote error: tls: certificate required'],
  [/alert.unknown.ca/i, 'remote error: tls: unknown certificate authority'],
  [/alert.bad.certificate/i, 'remote error: tls: bad certificate'],
]

export function transportError(error: unknown): Error {
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return new Error(`x509: ${message}`)
  const known = TEXTS.find(([pattern]) => pattern.test(code) || pattern.test(message))
  return new Error(known?.[1] ?? (message === '' ? code : message))
}
