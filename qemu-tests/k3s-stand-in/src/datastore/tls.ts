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

/** By the codes of Node and OpenSSL: the texts of crypto/x509 and crypto/tls. */
const TEXTS: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: 'x509: certificate signed by unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'x509: certificate signed by unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'x509: certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'x509: certificate signed by unknown authority',
  CERT_SIGNATURE_FAILURE: 'x509: certificate signed by unknown authority',
  CERT_HAS_EXPIRED: 'x509: certificate has expired or is not yet valid',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'remote error: tls: certificate required',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'remote error: tls: unknown certificate authority',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'remote error: tls: bad certificate',
}

export function transportError(error: unknown): Error {
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return new Error(`x509: ${message}`)
  // The driver of MySQL has a code of its own for all of them.
  if (/self-signed certificate|unable to (verify|get local issuer)/.test(message))
    return new Error('x509: certificate signed by unknown authority')
  return new Error(TEXTS[code] ?? (message === '' ? code : message))
}
