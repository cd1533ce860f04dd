/** The built executable: agents and users who come to a server. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { call } from './src/agent/client.ts'
import type { Authority } from './testing/certificates.ts'
import { makeAuthority, makeClient } from './testing/certificates.ts'
import {
  hasCondition,
  nodeOf,
  placeAuthorities,
  SERVER,
  startAgent,
  startServer,
  useMachines,
} from './testing/machines.ts'

const DATA = '/var/lib/rancher/k3s'

useMachines()

const READERS = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: dev}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: dev}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: bob}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: bob}]
`

const bootstrapToken = (id: string, expiration: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': id,
      'token-secret': '0123456789abcdef',
      expiration,
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:k3s:default-node-token',
    },
  })

test('an agent joins by the full token through its load balancer and keeps its certificates', async () => {
  const [server, port] = await startServer()
  const token = readFileSync(server.path(`${SERVER}/agent-token`), 'utf8').trim()
  const agent = await startAgent(port, {
    token,
    'node-label': ['zone=oven'],
    'node-taint': ['oven=hot:NoSchedule'],
  })
  await agent.until('k3s agent is up and running')
  const joined = nodeOf(server, 'oven-1')
  expect(hasCondition(joined, 'Ready')).toBe(true)
  expect(joined.metadata.labels['zone']).toBe('oven')
  expect(joined.spec.taints).toEqual([{ key: 'oven', value: 'hot', effect: 'NoSchedule' }])
  expect(readFileSync(agent.path('/etc/rancher/node/password'), 'utf8')).toMatch(/^[0-9a-f]{32}\n$/)
  expect(agent.output).toContain('Remotedialer connected to proxy')
  const saved = JSON.parse(
    readFileSync(agent.path(`${DATA}/agent/etc/k3s-agent-load-balancer.json`), 'utf8'),
  ) as object
  expect(saved).toMatchObject({ ServerURL: `https://127.0.0.1:${port}` })

  // A machine with the same name and another password is turned away, until the node is deleted.
  await agent.stop()
  const twin = await startAgent(port, { token })
  await twin.until('Node password rejected')
  server.run('kubectl', 'delete', 'node', 'oven-1')
  await twin.until('k3s agent is up and running')
})

test('an agent notices a wrong hash and a wrong password', async () => {
  const [server, port] = await startServer()
  const token = readFileSync(server.path(`${SERVER}/agent-token`), 'utf8').trim()
  const wrongHash = await startAgent(port, { token: token.replace(/^K10.{4}/, 'K100000') })
  await wrongHash.until('token CA hash does not match the Cluster CA certificate hash')
  const wrongPassword = await startAgent(port, { token: token.replace(/.$/, 'x') })
  await wrongPassword.until('failed to retrieve configuration from server: not authorized')
  expect(server.output).toContain('invalid username/password combination')
  const unknownKey = await startAgent(port, { token, 'cluster-init': true })
  expect(await unknownKey.end()).toBe(1)
  expect(unknownKey.output).toContain('flag provided but not defined: -cluster-init')
})

test('with chained authorities the hash is that of the root, and users come with their chain', async () => {
  const root = await makeAuthority('root')
  const middle = await makeAuthority('middle', { issuer: root })
  const chain = async (name: string): Promise<Authority> => {
    const issuing = await makeAuthority(name, { issuer: middle })
    return { ...issuing, pem: issuing.pem + middle.pem + root.pem }
  }
  const authorities = { 'server-ca': await chain('server-ca'), 'client-ca': await chain('client-ca') }
  const [server, port] = await startServer({}, (prepared) => {
    placeAuthorities(prepared, authorities)
    prepared.write(`${SERVER}/manifests/readers.yaml`, READERS)
  })
  const ca = authorities['server-ca'].pem
  const url = `https://127.0.0.1:${port}`
  expect((await call(`${url}/cacerts`, { ca: root.pem })).body.toString()).toBe(ca)
  const token = readFileSync(server.path(`${SERVER}/agent-token`), 'utf8').trim()
  const der = Buffer.from(root.pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  expect(token).toContain(createHash('sha256').update(der).digest('hex'))
  const agent = await startAgent(port, { token })
  await agent.until('k3s agent is up and running')

  const read = async (subject: string, path: string): Promise<number> => {
    const { certificate, key } = await makeClient(authorities['client-ca'], subject)
    const presented = `${certificate}\n${authorities['client-ca'].pem}`
    return (await call(`${url}${path}`, { ca, certificate: presented, key })).status
  }
  expect(await read('CN=ops,O=system:masters', '/api/v1/nodes')).toBe(200)
  expect(await read('CN=alice,O=dev', '/api/v1/namespaces')).toBe(200)
  expect(await read('CN=alice,O=dev', '/api/v1/nodes')).toBe(403)
  expect(await read('CN=bob', '/api/v1/nodes')).toBe(200)
  expect(await read('CN=carol,O=other', '/api/v1/namespaces')).toBe(403)
})

test('a bootstrap token lets agents join until its end, and opens nothing else', async () => {
  const [server, port] = await startServer({}, (prepared) => {
    prepared.write(`${SERVER}/manifests/bootstrap-1.yaml`, bootstrapToken('aaaaaa', '2099-01-01T00:00:00Z'))
    prepared.write(`${SERVER}/manifests/bootstrap-2.yaml`, bootstrapToken('bbbbbb', '2025-01-01T00:00:00Z'))
  })
  const hash = /K10[0-9a-f]{64}/.exec(readFileSync(server.path(`${SERVER}/token`), 'utf8'))?.[0]
  const expired = await startAgent(port, { token: `${hash}::bbbbbb.0123456789abcdef` })
  await expired.until('failed to retrieve configuration from server: not authorized')
  expect(server.output).toContain('invalid bearer token')
  await expired.stop()
  const agent = await startAgent(port, { token: `${hash}::aaaaaa.0123456789abcdef` })
  await agent.until('k3s agent is up and running')
  const bootstrap = { ca: null, authorization: 'Bearer aaaaaa.0123456789abcdef' }
  expect((await call(`https://127.0.0.1:${port}/v1-k3s/server-bootstrap`, bootstrap)).status).toBe(403)
  expect((await call(`https://127.0.0.1:${port}/api/v1/nodes`, bootstrap)).status).toBe(403)
})
