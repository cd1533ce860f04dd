/** The way to the cluster: CA by hash, then credentials from the token or from earlier certificates. */

import { readIfPresent } from '../files.ts'
import { log, withMessage } from '../log.ts'
import { hashCa, parseToken } from '../token.ts'
import type { Call, Credentials } from './client.ts'
import { call, fetchBody } from './client.ts'

export interface Access extends Credentials {
  readonly url: string
  readonly ca: string
}

/**
 * Fetches the CA and compares it with the token's hash; without one it is trusted at first use. Throws when the server
 * does not answer, or answers with another CA.
 */
export async function openAccess(
  url: string,
  tokenText: string,
  clientFiles: readonly [string, string],
  user: 'node' | 'server' = 'node',
): Promise<Access> {
  const token = parseToken(tokenText)
  if (!url.startsWith('https://')) throw new Error(`only https:// URLs are supported, invalid scheme: ${url}`)
  const base = url.replace(/\/+$/, '')
  const ca = await fetchCa(`${base}/cacerts`)
  if (token.caHash === '') {
    log.warn(
      "Cluster CA certificate is not trusted by the host CA bundle, but the token does not include a CA hash. Use the full token from the server's node-token file to enable Cluster CA validation.",
    )
  } else {
    const actual = hashCa(ca)
    if (actual !== token.caHash) {
      throw new Error(
        `token CA hash does not match the Cluster CA certificate hash: ${token.caHash} != ${actual}`,
      )
    }
  }
  const authorization =
    token.bootstrap === null
      ? `Basic ${Buffer.from(`${user}:${token.password}`).toString('base64')}`
      : `Bearer ${token.bootstrap}`
  const [certificate, key] = clientFiles.map((path) => (path === '' ? null : readIfPresent(path)))
  return {
    url: base,
    ca: ca.toString(),
    authorization,
    ...(certificate == null || key == null ? {} : { certificate, key }),
  }
}

export const get = (access: Access, path: string): Promise<Buffer> =>
  fetchBody(`${access.url}${path}`, access)

export const post = (access: Access, path: string, options: Call): Promise<Buffer> =>
  fetchBody(`${access.url}${path}`, { ...access, ...options, method: 'POST' })

async function fetchCa(url: string): Promise<Buffer> {
  let ca: Buffer
  try {
    const answer = await call(url, { ca: null })
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`)
    ca = answer.body
  } catch (error) {
    throw withMessage(error, 'failed to get CA certs')
  }
  try {
    await call(url, { ca: ca.toString() })
  } catch (error) {
    throw withMessage(error, 'CA cert validation failed')
  }
  return ca
}
