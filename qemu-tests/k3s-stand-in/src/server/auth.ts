/** Who calls: by client certificate, by name and password, or by bootstrap token. */

import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { State } from './state.ts'
import type { Users } from './users.ts'
import { isSameSecret } from './users.ts'

export interface User {
  readonly name: string
  readonly groups: readonly string[]
}

export const AGENT_GROUPS = ['k3s:agent', 'system:nodes', 'system:bootstrappers:k3s:default-node-token']

/** Null when nothing in the request proves an identity. */
export function authenticate(request: IncomingMessage, users: Users, state: State): User | null {
  return (
    byCertificate(request.socket as TLSSocket) ?? byHeader(request.headers.authorization ?? '', users, state)
  )
}

/** The node that a user is the kubelet of, or null. */
export function nodeOf(user: User): string | null {
  const prefix = 'system:node:'
  return user.groups.includes('system:nodes') && user.name.startsWith(prefix)
    ? user.name.slice(prefix.length)
    : null
}

/** Node verifies the chain against the client CA in the handshake. */
function byCertificate(socket: TLSSocket): User | null {
  if (!socket.authorized) return null
  const { subject } = socket.getPeerCertificate()
  if (subject === undefined) return null
  const organizations: string | string[] = subject.O ?? []
  return { name: String(subject.CN), groups: [organizations].flat() }
}

function byHeader(header: string, users: Users, state: State): User | null {
  const [scheme, credentials = ''] = header.split(' ')
  if (scheme === 'Basic') {
    const text = Buffer.from(credentials, 'base64').toString()
    const name = text.slice(0, text.indexOf(':'))
    const password = text.slice(text.indexOf(':') + 1)
    if (name === 'node' && isSameSecret(password, users.node)) return { name, groups: ['k3s:agent'] }
    if (name === 'server' && isSameSecret(password, users.server)) return { name, groups: ['k3s:server'] }
  }
  return scheme === 'Bearer' ? byBootstrapToken(credentials, state) : null
}

function byBootstrapToken(token: string, state: State): User | null {
  const [id = '', secret = ''] = token.split('.')
  const data = state.get('kube-system/secrets', `bootstrap-token-${id}`)?.['data'] as
    | Record<string, string>
    | undefined
  const value = (key: string): string => Buffer.from(data?.[key] ?? '', 'base64').toString()
  if (data === undefined || !isSameSecret(value('token-secret'), secret)) return null
  if (value('usage-bootstrap-authentication') !== 'true') return null
  const expiration = value('expiration')
  if (expiration !== '' && Date.parse(expiration) < Date.now()) return null
  return {
    name: `system:bootstrap:${id}`,
    groups: ['system:bootstrappers', ...value('auth-extra-groups').split(',')],
  }
}
