/** As much of the Kubernetes API as a node needs to register and a client needs to look at nodes. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { K3S_VERSION } from '../version.ts'
import type { User } from './auth.ts'
import { authenticateClient, nodeOf } from './auth.ts'
import { authorize } from './authorization.ts'
import type { ServerContext } from './context.ts'
import { HttpFault, readBody, sendJson, sendText } from './http.ts'
import type { ObjectPath } from './kube-paths.ts'
import { NAMESPACES, objectPath, RESOURCES, resourceList } from './kube-paths.ts'
import type { KubeObject } from './state.ts'

export async function answerKube(
  context: ServerContext,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!context.ready) throw new HttpFault(503, 'apiserver not ready')
  // What a minority knows may be old.
  if (context.etcd?.hasLeader === false) throw new HttpFault(500, 'etcdserver: no leader')
  const user = authenticateClient(request, context.state)
  // Nobody is anonymous.
  if (user === null) throw new HttpFault(401, 'Unauthorized')
  response.once('finish', () =>
    context.audit({
      user: user.name,
      verb: (request.method ?? 'GET').toLowerCase(),
      uri: request.url ?? '/',
      code: response.statusCode,
    }),
  )
  if (answerFixed(path, response)) return
  const target = objectPath(path)
  if (target === null) throw new HttpFault(404, 'the server could not find the requested resource')
  authorize(user, request.method ?? 'GET', target, context.state)
  if (request.method === 'GET') read(context, target, response)
  else if (request.method === 'DELETE') await remove(context, target, response)
  else await write(context, target, user, request, response)
}

function answerFixed(path: string, response: ServerResponse): boolean {
  if (['/readyz', '/livez', '/healthz'].includes(path)) sendText(response, 'ok')
  else if (path === '/version') {
    const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(K3S_VERSION) ?? []
    sendJson(response, {
      major,
      minor,
      gitVersion: K3S_VERSION,
      platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
      buildType: 'stand-in',
    })
  } else if (path === '/api') sendJson(response, { kind: 'APIVersions', versions: ['v1'] })
  else if (path === '/apis') sendJson(response, { kind: 'APIGroupList', apiVersion: 'v1', groups: [] })
  else if (path === '/api/v1') sendJson(response, resourceList())
  else return false
  return true
}

function read(context: ServerContext, target: ObjectPath, response: ServerResponse): void {
  const { collection, resource, name } = target
  const now = (value: KubeObject): KubeObject =>
    resource === 'nodes' ? context.monitor.withConditions(value) : value
  const objects = resource === 'namespaces' ? NAMESPACES : context.state.list(collection)
  if (name !== '') {
    const found = objects.find(({ metadata }) => metadata.name === name)
    if (found === undefined) throw new HttpFault(404, `${resource} "${name}" not found`)
    sendJson(response, now(found))
    return
  }
  const { kind, apiVersion } = RESOURCES[resource] ?? { kind: '', apiVersion: '' }
  sendJson(response, {
    kind: `${kind}List`,
    apiVersion,
    metadata: { resourceVersion: '1' },
    items: objects.map(now),
  })
}

async function remove(
  context: ServerContext,
  { collection, resource, name }: ObjectPath,
  response: ServerResponse,
): Promise<void> {
  if (name === '' || context.state.get(collection, name) === null) {
    throw new HttpFault(404, `${resource} "${name}" not found`)
  }
  await context.state.delete(collection, name)
  if (resource === 'nodes') {
    // With a node goes its password, so that a new machine may take its name, and its member of etcd.
    await context.nodePasswords.delete(name)
    await context.etcd?.change({ kind: 'remove', node: name })
  }
  sendJson(response, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' })
}

async function write(
  context: ServerContext,
  { collection, resource, name }: ObjectPath,
  user: User,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const own = nodeOf(user)
  if (resource === 'leases') {
    const lease = parseObject(await readBody(request))
    const node = own ?? lease.metadata.name
    if (context.state.get('nodes', node) === null) throw new HttpFault(404, `nodes "${node}" not found`)
    context.monitor.beat(node)
    sendJson(response, lease)
    return
  }
  if (resource !== 'nodes')
    throw new HttpFault(405, 'the server does not allow this method on the requested resource')
  const value = parseObject(await readBody(request))
  if (own !== null && value.metadata.name !== own) {
    throw new HttpFault(
      403,
      `nodes "${value.metadata.name}" is forbidden: node "${own}" is not allowed to modify it`,
    )
  }
  const old = context.state.get(collection, value.metadata.name)
  if (request.method === 'POST' && old !== null) {
    throw new HttpFault(409, `nodes "${value.metadata.name}" already exists`)
  }
  if (request.method === 'PUT' && (old === null || name === ''))
    throw new HttpFault(404, `nodes "${name}" not found`)
  await context.state.put(collection, value)
  context.monitor.beat(value.metadata.name)
  sendJson(response, value, old === null ? 201 : 200)
}

function parseObject(body: Buffer): KubeObject {
  try {
    const value = JSON.parse(body.toString()) as KubeObject
    if (typeof value.metadata.name === 'string') return value
  } catch {
    // Falls through to the answer that the API gives.
  }
  throw new HttpFault(400, 'the object provided is unrecognized (must be of type Node)')
}
