/** Who calls: by client certificate, by name and password, or by bootstrap token. */

import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { log } from '../log.ts'
import { HttpFault } from './http.ts'
import type { State } from './state.ts'
import type { Users } from './users.ts'
import { isSameSecret } from './users.ts'

export interface User {
  readonly name: string
  readonly groups: readonly string[]
}

const WRONG_PASSWORD = 'invalid username/password combination'
const WRONG_TOKEN = 'invalid bearer token'
const BOOTSTRAP_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/

export const AGENT_GROUPS = ['k3s:agent', 'system:nodes', 'system:bootstrappers:k3s:default-node-token']

/**
 * Who calls the supervisor: null when nothing in the request says so. Credentials that are wrong are told from none, as
 * k3s does: 401 `not authorized`, and the reason only in the server's own log.
 */
export function authenticate(request: IncomingMessage, users: Users, state: State): User | null {
  const byCertificate = certificateUser(request.socket as TLSSocket)
  if (byCertificate !== null) return byCertificate
  const [scheme = '', credentials = ''] = (request.headers.authorization ?? '').split(' ')
  if (scheme === 'Basic') return passwordUser(credentials, users) ?? reject(request, WRONG_PASSWORD)
  if (scheme === 'Bearer') return bootstrapUser(credentials, state) ?? reject(request, WRONG_TOKEN)
  return null
}

/** Who calls the API, which knows nothing of the supervisor's passwords; null also for wrong credentials. */
export function authenticateClient(request: IncomingMessage, state: State): User | null {
  const [scheme = '', credentials = ''] = (request.headers.authorization ?? '').split(' ')
  return (
    certificateUser(request.socket as TLSSocket) ??
    (scheme === 'Bearer' ? bootstrapUser(credentials, state) : null)
  )
}

function reject(request: IncomingMessage, reason: string): never {
  const { remoteAddress, remotePort } = request.socket
  log.error(`Failed to authenticate request from ${remoteAddress}:${remotePort}: ${reason}`)
  throw new HttpFault(401, 'not authorized')
}

/** The node that a user is the kubelet of, or null. */
export function nodeOf(user: User): string | null {
  const prefix = 'system:node:'
  return user.groups.includes('system:nodes') && user.name.startsWith(prefix)
    ? user.name.slice(prefix.length)
    : null
}

/** Node verifies the chain against the client CA in the handshake. */
function certificateUser(socket: TLSSocket): User | null {
  if (!socket.authorized) return null
  const { subject } = socket.getPeerCertificate()
  if (subject === undefined) return null
  const organizations: string | string[] = subject.O ?? []
  return { name: String(subject.CN), groups: [organizations].flat() }
}

function passwordUser(credentials: string, users: Users): User | null {
  const text = Buffer.from(credentials, 'base64').toString()
  const name = text.slice(0, text.indexOf(':'))
  const password = text.slice(text.indexOf(':') + 1)
  if (name === 'node' && isSameSecret(password, users.node)) return { name, groups: ['k3s:agent'] }
  if (name === 'server' && isSameSecret(password, users.server)) return { name, groups: ['k3s:server'] }
  return null
}

/** By the rules of Kubernetes' own authenticator: type, id, secret, usage, end and groups of the Secret must be right. */
function bootstrapUser(token: string, state: State): User | null {
  const [, id = '', secret = ''] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token) ?? []
  const found = state.get('kube-system/secrets', `bootstrap-token-${id}`)
  if (found === null || found['type'] !== 'bootstrap.kubernetes.io/token') return null
  const data = found['data'] as Record<string, string> | undefined
  const value = (key: string): string => Buffer.from(data?.[key] ?? '', 'base64').toString()
  if (value('token-id') !== id || !isSameSecret(value('token-secret'), secret)) return null
  if (value('usage-bootstrap-authentication') !== 'true') return null
  const expiration = value('expiration')
  // A time that cannot be read has passed.
  if (expiration !== '' && !(Date.parse(expiration) > Date.now())) return null
  const extra = value('auth-extra-groups').split(',').filter(Boolean)
  if (!extra.every((group) => BOOTSTRAP_GROUP.test(group))) return null
  return { name: `system:bootstrap:${id}`, groups: ['system:bootstrappers', ...extra] }
}
