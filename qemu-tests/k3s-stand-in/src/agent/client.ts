/** Calls to the supervisor and the API over TLS that is checked against the cluster's CA. */

import { request } from 'node:https'

export interface Credentials {
  /** Value of the Authorization header, or empty. */
  readonly authorization?: string
  readonly certificate?: string
  readonly key?: string
}

export interface Call extends Credentials {
  /** The CA bundle; null trusts whoever answers, undefined the machine's own list. */
  readonly ca?: string | null
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
}

export interface Answer {
  readonly status: number
  readonly body: Buffer
}

const TIMEOUT_MS = 30_000

export function call(url: string, options: Call): Promise<Answer> {
  const { ca, authorization, certificate, key, body, method = 'GET' } = options
  const headers: Record<string, string> = { ...options.headers, Connection: 'close' }
  if (authorization !== undefined && authorization !== '') headers['Authorization'] = authorization
  if (body !== undefined) headers['Content-Length'] = String(body.length)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method,
        headers,
        agent: false,
        timeout: TIMEOUT_MS,
        rejectUnauthorized: ca !== null,
        ...(typeof ca === 'string' ? { ca, allowPartialTrustChain: true } : {}),
        ...(certificate === undefined || key === undefined ? {} : { cert: certificate, key }),
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks) }))
      },
    )
    outgoing.on('timeout', () =>
      outgoing.destroy(new Error('net/http: request canceled (Client.Timeout exceeded)')),
    )
    outgoing.on('error', (error) =>
      reject(new Error(`${method} "${url}": ${tlsText(error)}`, { cause: error })),
    )
    outgoing.end(body)
  })
}

/** The body, or an error with the message of the server's `Status`. */
export async function fetchBody(url: string, options: Call): Promise<Buffer> {
  const { status, body } = await call(url, options)
  if (status >= 200 && status < 300) return body
  let message = `${url}: ${status}`
  try {
    const parsed = JSON.parse(body.toString()) as { kind?: string; message?: string }
    if (parsed.kind === 'Status' && parsed.message !== undefined) message = parsed.message
  } catch {
    // The status alone is told.
  }
  throw new Error(message)
}

const TLS_TEXTS: Readonly<Record<string, string>> = {
  CERT_NOT_YET_VALID: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  CERT_HAS_EXPIRED: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT:
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN:
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
}

function tlsText(error: Error): string {
  const { code = '' } = error as NodeJS.ErrnoException
  const known = TLS_TEXTS[code]
  return known === undefined ? error.message : `${known} (${code})`
}
