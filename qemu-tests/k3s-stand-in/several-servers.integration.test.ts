/** The built executable: servers with embedded etcd, each at an address of its own on the loopback network. */

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { call } from './src/agent/client.ts'
import { readKubeconfig } from './src/kubeconfig.ts'
import { makeAuthority } from './testing/certificates.ts'
import type { NodeView } from './testing/machines.ts'
import { hasCondition, machine, SERVER, TOKENS, useMachines } from './testing/machines.ts'
import type { Sandbox } from './testing/sandbox.ts'
import { freePort } from './testing/sandbox.ts'

useMachines()

interface Server {
  readonly sandbox: Sandbox
  readonly port: number
}

/** `number` is the end of its address and of its name. */
async function serverOf(number: number, entry: object, more: object = {}): Promise<Server> {
  const sandbox = machine()
  const port = await freePort()
  sandbox.configure({
    ...TOKENS,
    'node-name': `bakery-${number}`,
    'node-ip': `127.0.0.${10 + number}`,
    'https-listen-port': port,
    ...entry,
    ...more,
  })
  return { sandbox, port }
}

const start = async ({ sandbox }: Server): Promise<void> => {
  sandbox.start('server')
  await sandbox.until('k3s is up and running', 90)
}

const joining = ({ port }: Server): object => ({ server: `https://127.0.0.1:${port}` })

async function firstServer(more: object = { 'cluster-init': true }): Promise<Server> {
  const first = await serverOf(1, more)
  await start(first)
  return first
}

const nodesSeenBy = ({ sandbox }: Server): NodeView[] =>
  (JSON.parse(sandbox.run('kubectl', 'get', 'nodes', '-o', 'json')) as { items: NodeView[] }).items

const withCondition = (server: Server, condition: string): string[] =>
  nodesSeenBy(server)
    .filter((node) => hasCondition(node, condition))
    .map(({ metadata }) => metadata.name)
    .sort()

/** Throws what the last try threw. */
async function eventually(check: () => void, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(500)) {
    try {
      check()
      return
    } catch (error) {
      if (Date.now() > end) throw error
    }
  }
}

const fileOf = ({ sandbox }: Server, path: string): string =>
  readFileSync(sandbox.path(`${SERVER}/${path}`), 'utf8')

const shared = [
  'token',
  'cred/passwd',
  ...['server-ca', 'client-ca', 'request-header-ca', 'etcd/server-ca', 'etcd/peer-ca'].flatMap((name) => [
    `tls/${name}.crt`,
    `tls/${name}.key`,
  ]),
  'tls/service.key',
]

test('three servers are one cluster, bear the loss of the first, and take its successor', async () => {
  const first = await serverOf(1, { 'cluster-init': true })
  first.sandbox.write(
    `${SERVER}/manifests/demo.yaml`,
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: demo, namespace: default}\n',
  )
  await start(first)
  const [second, third] = await Promise.all([serverOf(2, joining(first)), serverOf(3, joining(first))])
  // Together: the one that comes second waits until the other is no learner any more.
  await Promise.all([start(second), start(third)])
  const all = [first, second, third]
  const names = ['bakery-1', 'bakery-2', 'bakery-3']

  for (const path of shared) expect(new Set(all.map((server) => fileOf(server, path))).size, path).toBe(1)
  for (const server of all) {
    await eventually(() => {
      expect(withCondition(server, 'Ready')).toEqual(names)
      expect(withCondition(server, 'EtcdIsVoter')).toEqual(names)
    })
    expect(server.sandbox.run('kubectl', 'get', 'configmaps', 'demo', '-o', 'name')).toBe('configmap/demo\n')
  }
  const { ca, certificate, key } = readKubeconfig(first.sandbox.path('/etc/rancher/k3s/k3s.yaml'))
  for (const { port } of all) {
    expect((await call(`https://127.0.0.1:${port}/readyz`, { ca, certificate, key })).status).toBe(200)
  }

  const agent = machine()
  agent.configure({
    ...joining(second),
    token: TOKENS['agent-token'],
    'node-name': 'oven-1',
    'node-ip': '127.0.0.20',
    'lb-server-port': await freePort(),
  })
  agent.start('agent')
  await agent.until('k3s agent is up and running')
  for (const server of all)
    await eventually(() => expect(withCondition(server, 'Ready')).toEqual([...names, 'oven-1']))

  await first.sandbox.stop()
  await eventually(() => expect(nodesSeenBy(third)).toHaveLength(4))
  const taken = await serverOf(1, joining(third))
  taken.sandbox.start('server')
  await taken.sandbox.until('duplicate node name found, please use a unique name for this node')
  expect(await taken.sandbox.end()).toBe(1)

  second.sandbox.run('kubectl', 'delete', 'node', 'bakery-1')
  await start(taken)
  for (const server of [taken, second, third])
    await eventually(() => expect(withCondition(server, 'EtcdIsVoter')).toEqual(names))
  first.sandbox.start('server')
  await first.sandbox.until('address already in use')
  await taken.sandbox.stop()
  first.sandbox.start('server')
  await first.sandbox.until('This node has been removed from the cluster')

  await third.sandbox.stop()
  await eventually(() => expect(() => nodesSeenBy(second)).toThrow('etcdserver: no leader'))
  await second.sandbox.stop()
  const back = [second, third, taken]
  await Promise.all(back.map(start))
  for (const server of back)
    await eventually(() => expect(withCondition(server, 'Ready')).toEqual([...names, 'oven-1']))
})

test.for<[string, object, string]>([
  [
    'another setting that must be equal',
    { 'secrets-encryption': true },
    'critical configuration value mismatch',
  ],
  [
    'another pod network',
    { 'cluster-cidr': '10.50.0.0/16' },
    'critical configuration mismatched: cluster-cidr',
  ],
  ['a wrong token', { token: 'ffff' }, 'not authorized'],
  [
    'a wrong hash',
    { token: `K10${'0'.repeat(64)}::server:${TOKENS.token}` },
    'token CA hash does not match the Cluster CA certificate hash',
  ],
])('a server with %s does not join', async ([, more, complaint]) => {
  const first = await firstServer()
  const second = await serverOf(2, joining(first), more)
  second.sandbox.start('server')
  await second.sandbox.until(complaint)
  expect(await second.sandbox.end()).toBe(1)
})

test('a server that nobody answers, or whose first has sqlite, ends', async () => {
  const port = await freePort()
  const alone = await serverOf(2, { server: `https://127.0.0.1:${port}` })
  alone.sandbox.start('server')
  await alone.sandbox.until('failed to get CA certs')
  expect(await alone.sandbox.end()).toBe(1)

  const first = await firstServer({})
  const second = await serverOf(2, joining(first))
  second.sandbox.start('server')
  await second.sandbox.until('etcd disabled')
  expect(await second.sandbox.end()).toBe(1)
})

test('authorities that are newer than those of the cluster end the server that would join', async () => {
  const first = await firstServer()
  const second = await serverOf(2, joining(first))
  const other = await makeAuthority('server-ca')
  await sleep(3500)
  second.sandbox.write(`${SERVER}/tls/server-ca.crt`, other.pem)
  second.sandbox.write(`${SERVER}/tls/server-ca.key`, other.keyPem)
  second.sandbox.start('server')
  await second.sandbox.until('newer than datastore and could cause a cluster outage')
  expect(await second.sandbox.end()).toBe(1)
})

test('what servers tell each other, an agent is not told', async () => {
  const first = await firstServer()
  const ca = readFileSync(first.sandbox.path(`${SERVER}/tls/server-ca.crt`), 'utf8')
  const ask = (path: string, user: string, password: string) =>
    call(`https://127.0.0.1:${first.port}${path}`, {
      ca,
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
    })
  for (const path of ['/v1-k3s/server-bootstrap', '/db/info']) {
    expect((await ask(path, 'node', TOKENS['agent-token'])).status, path).toBe(403)
    expect((await ask(path, 'server', TOKENS.token)).status, path).toBe(200)
  }
})
