/** The part of the listener that k3s itself answers: `/ping`, `/cacerts` and what agents ask for when they join. */

import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { LeafRequest } from '../x509/issue.ts'
import { publicKeyOfRequest } from '../x509/issue.ts'
import { readPrivateKey } from '../x509/keys.ts'
import type { User } from './auth.ts'
import { AGENT_GROUPS, authenticate, nodeOf } from './auth.ts'
import { bootstrapAnswer } from './bootstrap-data.ts'
import type { ServerContext } from './context.ts'
import { HttpFault, readBody, sendJson, sendText } from './http.ts'

const PREFIX = '/v1-k3s/'

/** False when the path is not the supervisor's. */
export async function answerSupervisor(
  context: ServerContext,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (path === '/ping') sendText(response, 'pong')
  else if (path === '/cacerts') sendText(response, readFileSync(join(context.pki.tls, 'server-ca.crt')))
  else if (path === '/db/info' && context.etcd !== null) {
    requireGroup(authenticate(request, context.users, context.state), ['k3s:server'])
    if (!context.etcd.hasLeader) throw new HttpFault(503, 'etcd is not ready')
    sendJson(response, { members: context.etcd.members })
  } else if (path.startsWith(PREFIX)) {
    const user = authenticate(request, context.users, context.state)
    return answerAuthenticated(context, path.slice(PREFIX.length), user, request, response)
  } else return false
  return true
}

export function requireGroup(user: User | null, groups: readonly string[]): User {
  if (user === null || !user.groups.some((group) => groups.includes(group)))
    throw new HttpFault(403, 'forbidden')
  return user
}

async function answerAuthenticated(
  context: ServerContext,
  name: string,
  user: User | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (name === 'server-bootstrap') {
    requireGroup(user, ['k3s:server'])
    const { bootstrap } = context.state
    if (context.etcd === null) throw new HttpFault(400, 'etcd disabled')
    if (!context.etcd.hasLeader || bootstrap === null) throw new HttpFault(503, 'runtime core not ready')
    sendJson(response, bootstrapAnswer(bootstrap))
    return true
  }
  const handler = HANDLERS[name]
  if (handler === undefined) return false
  await handler(context, requireGroup(user, AGENT_GROUPS), request, response)
  return true
}

type Handler = (
  context: ServerContext,
  user: User,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void> | void

const HANDLERS: Readonly<Record<string, Handler>> = {
  'client-ca.crt': ({ pki }, _user, _request, response) =>
    sendText(response, readFileSync(join(pki.tls, 'client-ca.crt'))),
  'server-ca.crt': ({ pki }, _user, _request, response) =>
    sendText(response, readFileSync(join(pki.tls, 'server-ca.crt'))),
  apiservers: ({ apiAddress, etcd }, _user, _request, response) => {
    const others = (etcd?.members ?? []).filter(({ api, learner }) => !learner && api !== apiAddress)
    sendJson(response, [apiAddress, ...others.map(({ api }) => api)])
  },
  config: ({ config }, _user, _request, response) => sendJson(response, config),
  readyz: ({ ready }, _user, _request, response) => {
    if (!ready) throw new HttpFault(503, 'runtime core not ready')
    sendText(response, 'ok')
  },
  'serving-kubelet.crt': async (context, user, request, response) => {
    const node = await verifyNode(context, user, request)
    const given = header(request, 'k3s-node-ip')
    const addresses = given === '' ? [] : given.split(',')
    for (const address of addresses) {
      if (isIP(address) === 0) throw new HttpFault(500, `invalid node IP address ${address}`)
    }
    const names = [node, 'localhost', '127.0.0.1', '::1', ...addresses]
    await sign(context, 'server-ca', 'serving-kubelet.key', request, response, {
      subject: { commonName: node },
      usages: ['server'],
      names,
    })
  },
  'client-kubelet.crt': async (context, user, request, response) => {
    const node = await verifyNode(context, user, request)
    await sign(context, 'client-ca', 'client-kubelet.key', request, response, {
      subject: { commonName: `system:node:${node}`, organizations: ['system:nodes'] },
      usages: ['client'],
    })
  },
  'client-kube-proxy.crt': (context, _user, request, response) =>
    sign(context, 'client-ca', 'client-kube-proxy.key', request, response, {
      subject: { commonName: 'system:kube-proxy' },
      usages: ['client'],
    }),
  'client-k3s-controller.crt': (context, _user, request, response) =>
    sign(context, 'client-ca', 'client-k3s-controller.key', request, response, {
      subject: { commonName: 'system:k3s-controller' },
      usages: ['client'],
    }),
}

/** The node's name, when its password is right. Nodes that hold a certificate must still be known. */
async function verifyNode(context: ServerContext, user: User, request: IncomingMessage): Promise<string> {
  const node = header(request, 'k3s-node-name').toLowerCase()
  const password = header(request, 'k3s-node-password')
  if (node === '') throw new HttpFault(400, 'node name not set')
  if (password === '') throw new HttpFault(400, 'node password not set')
  const own = nodeOf(user)
  if (own !== null && own !== node) throw new HttpFault(400, 'header node name does not match auth node name')
  if (!context.ready && node !== context.ownNode) throw new HttpFault(503, 'runtime core not ready')
  if (own !== null && context.ready && context.state.get('nodes', node) === null) {
    throw new HttpFault(401, `unable to verify node identity: nodes "${node}" not found`)
  }
  try {
    await context.nodePasswords.ensure(node, password)
  } catch (error) {
    const { message } = error as Error
    throw new HttpFault(message.startsWith('etcdserver:') ? 500 : 403, message)
  }
  return node
}

/** With a signing request its key is certified; without one the node gets the shared key, as older agents expect. */
async function sign(
  { pki }: ServerContext,
  ca: string,
  sharedKey: string,
  request: IncomingMessage,
  response: ServerResponse,
  leaf: LeafRequest,
): Promise<void> {
  const body = request.method === 'POST' ? await readBody(request) : Buffer.alloc(0)
  try {
    const publicKey = publicKeyOfRequest(body)
    sendText(response, pki.issue(ca, leaf, publicKey))
  } catch {
    const path = join(pki.tls, sharedKey)
    const certificate = pki.issue(ca, leaf, createPublicKey(readPrivateKey(path)))
    sendText(response, certificate + readFileSync(path, 'utf8'))
  }
}

function header(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? '')
}
