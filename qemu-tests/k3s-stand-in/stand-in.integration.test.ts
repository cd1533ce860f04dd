/** The built executable: servers and agents on the loopback address, each in its own folder instead of a machine. */

import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { call } from './src/agent/client.ts'
import type { Authority } from './testing/certificates.ts'
import { makeAuthority, makeClient } from './testing/certificates.ts'
import { freePort, Sandbox } from './testing/sandbox.ts'

const ROOT = dirname(fileURLToPath(import.meta.url))
const RELEASE = join(ROOT, 'release')
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'amd64'
const BINARY = join(RELEASE, ARCHITECTURE === 'arm64' ? 'k3s-arm64' : 'k3s')
const ARCHIVE = `k3s-airgap-images-${ARCHITECTURE}.tar.zst`
const DATA = '/var/lib/rancher/k3s'
const TOKEN = '0123456789abcdef0123456789abcdef'
const AGENT_TOKEN = 'fedcba9876543210fedcba9876543210'
const SERVER_CONFIG = {
  token: TOKEN,
  'agent-token': AGENT_TOKEN,
  'node-name': 'bakery-1',
  'node-ip': '127.0.0.1',
  'tls-san': ['bakery.example.com'],
}

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

const sandboxes: Sandbox[] = []

beforeAll(() => {
  execFileSync('npx', ['tsx', join(ROOT, 'build.ts')], { stdio: 'inherit' })
})

afterEach(async () => {
  for (const sandbox of sandboxes.splice(0)) await sandbox.discard()
})

function machine(): Sandbox {
  const sandbox = new Sandbox(BINARY)
  sandboxes.push(sandbox)
  return sandbox
}

async function startServer(
  config: object = {},
  prepare?: (server: Sandbox) => void,
): Promise<[Sandbox, number]> {
  const server = machine()
  const port = await freePort()
  server.configure({ ...SERVER_CONFIG, 'https-listen-port': port, ...config })
  prepare?.(server)
  server.start('server')
  await server.until('k3s is up and running')
  return [server, port]
}

async function startAgent(
  port: number,
  config: object,
  prepare?: (agent: Sandbox) => void,
): Promise<Sandbox> {
  const agent = machine()
  agent.configure({
    server: `https://127.0.0.1:${port}`,
    'node-name': 'oven-1',
    'node-ip': '127.0.0.1',
    'lb-server-port': await freePort(),
    ...config,
  })
  prepare?.(agent)
  agent.start('agent')
  return agent
}

interface NodeView {
  readonly metadata: { readonly labels: Record<string, string> }
  readonly spec: { readonly taints?: readonly object[] }
  readonly status: {
    readonly conditions: readonly { type: string; status: string }[]
    readonly images: readonly { names: string[] }[]
  }
}

const node = (server: Sandbox, name: string): NodeView =>
  JSON.parse(server.run('kubectl', 'get', 'node', name, '-o', 'json')) as NodeView

const isReady = ({ status }: NodeView): boolean =>
  status.conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True')

function placeAuthorities(server: Sandbox, authorities: Readonly<Record<string, Authority>>): void {
  for (const [name, authority] of Object.entries(authorities)) {
    server.write(`${DATA}/server/tls/${name}.crt`, authority.pem)
    server.write(`${DATA}/server/tls/${name}.key`, authority.keyPem)
  }
}

test('says what it is in the form of k3s', () => {
  const sandbox = machine()
  expect(sandbox.run('--version')).toMatch(/^k3s version v1\.33\.1\+k3s1 \(stand-in\b/)
})

test('a server takes over given authorities, imports archives and is ready', async () => {
  const authorities = {
    'server-ca': await makeAuthority('server-ca'),
    'client-ca': await makeAuthority('client-ca'),
  }
  const [server, port] = await startServer(
    { 'node-label': ['zone=oven'], 'no-such-key': true },
    (prepared) => {
      placeAuthorities(prepared, authorities)
      mkdirSync(prepared.path(`${DATA}/agent/images`), { recursive: true })
      copyFileSync(join(RELEASE, ARCHIVE), prepared.path(`/archive`))
      utimesSync(prepared.path('/archive'), 1_700_000_000, 1_700_000_000)
      symlinkSync(prepared.path('/archive'), prepared.path(`${DATA}/agent/images/${ARCHIVE}`))
      prepared.write(`${DATA}/agent/images/.cache.json`, '')
      prepared.write(
        `${DATA}/server/manifests/demo.yaml`,
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: demo}\n',
      )
    },
  )
  expect(server.output).toContain('Unknown flag --no-such-key found in config.yaml, skipping')
  const ca = authorities['server-ca'].pem
  const hash = createHash('sha256').update(ca).digest('hex')
  expect(readFileSync(server.path(`${DATA}/server/tls/server-ca.crt`), 'utf8')).toBe(ca)
  expect(readFileSync(server.path(`${DATA}/server/token`), 'utf8')).toBe(`K10${hash}::server:${TOKEN}\n`)
  expect(readFileSync(server.path(`${DATA}/server/agent-token`), 'utf8')).toBe(
    `K10${hash}::node:${AGENT_TOKEN}\n`,
  )

  const url = `https://127.0.0.1:${port}`
  expect((await call(`${url}/ping`, { ca })).body.toString()).toBe('pong')
  expect((await call(`${url}/cacerts`, { ca: null })).body.toString()).toBe(ca)
  expect((await call(`${url}/readyz`, { ca })).status).toBe(401)
  expect((await call(`${url}/v1-k3s/config`, { ca })).status).toBe(403)
  const basic = (user: string, password: string): string =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const config = (authorization: string) => call(`${url}/v1-k3s/config`, { ca, authorization })
  expect((await config(basic('node', TOKEN))).status).toBe(401)
  expect((await config('Bearer abcdef.0123456789abcdef')).status).toBe(401)
  expect((await config(basic('node', AGENT_TOKEN))).status).toBe(200)
  const administrator = await makeClient(authorities['client-ca'], 'CN=ops,O=system:masters')
  expect((await call(`${url}/readyz`, { ca, ...administrator })).body.toString()).toBe('ok')
  expect((await call(`${url}/api/v1/nodes`, { ca, ...administrator })).status).toBe(200)
  const nobody = await makeClient(authorities['client-ca'], 'CN=nobody')
  expect((await call(`${url}/api/v1/nodes`, { ca, ...nobody })).status).toBe(403)
  const stranger = await makeClient(await makeAuthority('client-ca'), 'CN=ops,O=system:masters')
  expect((await call(`${url}/api/v1/nodes`, { ca, ...stranger })).status).toBe(401)

  const own = node(server, 'bakery-1')
  expect(isReady(own)).toBe(true)
  expect(own.metadata.labels).toMatchObject({ zone: 'oven', 'node-role.kubernetes.io/control-plane': 'true' })
  const names = readFileSync(join(RELEASE, 'k3s-images.txt'), 'utf8').trim().split('\n')
  const listed = server.run('ctr', '-n', 'k8s.io', 'images', 'ls', '-q').split('\n')
  expect(listed).toEqual(expect.arrayContaining(names))
  expect(own.status.images.flatMap((image) => image.names)).toEqual(expect.arrayContaining(names))
  expect(server.run('kubectl', 'get', 'addons', '-n', 'kube-system', '-o', 'name')).toBe('addon/demo\n')

  await server.stop()
  server.start('server')
  await server.until('k3s is up and running')
  expect(server.output).not.toContain('Importing images')
  expect(isReady(node(server, 'bakery-1'))).toBe(true)
  expect(statSync(server.path('/etc/rancher/k3s/k3s.yaml')).mode & 0o777).toBe(0o600)
})

test('an agent joins by the full token through its load balancer and keeps its certificates', async () => {
  const [server, port] = await startServer()
  const token = readFileSync(server.path(`${DATA}/server/agent-token`), 'utf8').trim()
  const agent = await startAgent(port, {
    token,
    'node-label': ['zone=oven'],
    'node-taint': ['oven=hot:NoSchedule'],
  })
  await agent.until('k3s agent is up and running')
  const joined = node(server, 'oven-1')
  expect(isReady(joined)).toBe(true)
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
  const token = readFileSync(server.path(`${DATA}/server/agent-token`), 'utf8').trim()
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
    prepared.write(`${DATA}/server/manifests/readers.yaml`, READERS)
  })
  const ca = authorities['server-ca'].pem
  const url = `https://127.0.0.1:${port}`
  expect((await call(`${url}/cacerts`, { ca: root.pem })).body.toString()).toBe(ca)
  const token = readFileSync(server.path(`${DATA}/server/agent-token`), 'utf8').trim()
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
    prepared.write(
      `${DATA}/server/manifests/bootstrap-1.yaml`,
      bootstrapToken('aaaaaa', '2099-01-01T00:00:00Z'),
    )
    prepared.write(
      `${DATA}/server/manifests/bootstrap-2.yaml`,
      bootstrapToken('bbbbbb', '2025-01-01T00:00:00Z'),
    )
  })
  const hash = /K10[0-9a-f]{64}/.exec(readFileSync(server.path(`${DATA}/server/token`), 'utf8'))?.[0]
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

test('leaves begin with their authority, last a year, and are issued anew when its key identifier differs', async () => {
  const authority = await makeAuthority('client-ca')
  const [server] = await startServer({}, (prepared) => placeAuthorities(prepared, { 'client-ca': authority }))
  const leaf = (): X509Certificate =>
    new X509Certificate(readFileSync(server.path(`${DATA}/server/tls/client-admin.crt`)))
  const first = leaf()
  expect(first.validFrom).toBe(new X509Certificate(authority.pem).validFrom)
  const lifetimeDays = (Date.parse(first.validTo) - Date.now()) / 86_400_000
  expect(lifetimeDays).toBeGreaterThan(364.9)
  expect(lifetimeDays).toBeLessThanOrEqual(365)
  await server.stop()
  server.start('server')
  await server.until('k3s is up and running')
  expect(leaf().serialNumber).toBe(first.serialNumber)
  await server.stop()
  // The same authority once more, under the same key and with another key identifier; as old as the first.
  const again = await makeAuthority('client-ca', { keys: authority.keys, subjectKeyId: 'ab'.repeat(20) })
  const path = server.path(`${DATA}/server/tls/client-ca.crt`)
  writeFileSync(path, again.pem)
  const state = server.path(`${DATA}/server/db/state.db`)
  const old = Buffer.from(authority.pem).toString('base64')
  writeFileSync(state, readFileSync(state, 'utf8').replace(old, Buffer.from(again.pem).toString('base64')))
  server.start('server')
  await server.until('k3s is up and running')
  expect(leaf().serialNumber).not.toBe(first.serialNumber)
})

test('an authority that is newer than the datastore ends the server', async () => {
  const [server] = await startServer()
  await server.stop()
  const other = await makeAuthority('server-ca')
  server.write(`${DATA}/server/tls/server-ca.crt`, other.pem)
  server.write(`${DATA}/server/tls/server-ca.key`, other.keyPem)
  const soon = Date.now() / 1000 + 10
  for (const end of ['crt', 'key']) utimesSync(server.path(`${DATA}/server/tls/server-ca.${end}`), soon, soon)
  server.start('server')
  expect(await server.end()).toBe(1)
  expect(server.output).toContain('newer than datastore and could cause a cluster outage')
})

test('another token does not open the datastore', async () => {
  const [server, port] = await startServer()
  await server.stop()
  server.configure({ ...SERVER_CONFIG, 'https-listen-port': port, token: 'another-token' })
  server.start('server')
  expect(await server.end()).toBe(1)
  expect(server.output).toContain('bootstrap data already found and encrypted with different token')
})

test.for<[string, (server: Sandbox) => void, string]>([
  ['a route', (server) => server.remove('/proc/net/route'), 'unable to find default route'],
  [
    'the memory controller',
    (server) => server.write('/sys/fs/cgroup/cgroup.controllers', 'cpu cpuset\n'),
    'failed to find memory cgroup (v2)',
  ],
  ['overlay', (server) => server.remove('/sys/module/overlay'), 'failed to mount overlay: no such device'],
  ['br_netfilter', (server) => server.remove('/sys/module/br_netfilter'), 'Failed to check br_netfilter'],
  ['vxlan', (server) => server.remove('/sys/module/vxlan'), 'failed to create vxlan device'],
  ['nf_conntrack', (server) => server.remove('/sys/module/nf_conntrack'), 'nf_conntrack_max'],
  [
    'a real file system',
    (server) => server.write('/stand-in/file-system', 'overlayfs'),
    'snapshotter cannot be enabled',
  ],
  [
    'allowed labels',
    (server) =>
      server.write('/etc/rancher/k3s/config.yaml.d/labels.yaml', 'node-label: [k8s.io/worker=true]\n'),
    "unknown 'kubernetes.io' or 'k8s.io' labels",
  ],
])('does not start without %s', async ([, prepare, message]) => {
  const server = machine()
  server.configure({ ...SERVER_CONFIG, 'https-listen-port': await freePort() })
  prepare(server)
  server.start('server')
  expect(await server.end()).toBe(1)
  expect(server.output.trim().split('\n').at(-1)).toContain('level=fatal')
  expect(server.output).toContain(message)
})

test('the key of an authority must be that of its first certificate', async () => {
  const server = machine()
  server.configure({ ...SERVER_CONFIG, 'https-listen-port': await freePort() })
  const [one, two] = [await makeAuthority('client-ca'), await makeAuthority('client-ca')]
  placeAuthorities(server, { 'client-ca': { ...one, keyPem: two.keyPem } })
  server.start('server')
  expect(await server.end()).toBe(1)
  expect(server.output).toContain("provided PrivateKey doesn't match parent's PublicKey")
})

test('a damaged archive is an error in the log, and the node comes up', async () => {
  const [server] = await startServer({}, (prepared) => {
    const bytes = readFileSync(join(RELEASE, ARCHIVE))
    bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 0xff
    prepared.write(`${DATA}/agent/images/damaged.tar.zst`, bytes)
  })
  expect(server.output).toMatch(
    /level=error msg="Failed to process image event: failed to import .*damaged\.tar\.zst/,
  )
})

test('systemd is told when the node is registered', async () => {
  const server = machine()
  server.configure({ ...SERVER_CONFIG, 'https-listen-port': await freePort() })
  server.write(
    '/bin/systemd-notify',
    '#!/bin/sh\nprintf "%s %s" "$NOTIFY_SOCKET" "$*" >"$K3S_STAND_IN_ROOT/notified"\n',
  )
  execFileSync('chmod', ['+x', server.path('/bin/systemd-notify')])
  server.start('server', {
    NOTIFY_SOCKET: '/run/notify',
    PATH: `${server.path('/bin')}:${process.env['PATH']}`,
  })
  await server.until('k3s is up and running')
  await expect.poll(() => existsSync(server.path('/notified'))).toBe(true)
  await expect.poll(() => readFileSync(server.path('/notified'), 'utf8')).toBe('/run/notify --ready')
})
