/** The built executable: a server on the loopback address, in a folder of its own instead of a machine. */

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
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { call } from './src/agent/client.ts'
import { makeAuthority, makeClient } from './testing/certificates.ts'
import {
  ARCHIVE,
  hasCondition,
  machine,
  nodeOf,
  placeAuthorities,
  RELEASE,
  SERVER,
  SERVER_CONFIG,
  startServer,
  TOKENS,
  useMachines,
} from './testing/machines.ts'
import { freePort } from './testing/sandbox.ts'

const DATA = '/var/lib/rancher/k3s'

useMachines()

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
    { 'node-label': ['zone=oven'], 'no-such-key': true, 'airgap-extra-registry': ['r.example.com:5000'] },
    (prepared) => {
      placeAuthorities(prepared, authorities)
      mkdirSync(prepared.path(`${DATA}/agent/images`), { recursive: true })
      copyFileSync(join(RELEASE, ARCHIVE), prepared.path(`/archive`))
      utimesSync(prepared.path('/archive'), 1_700_000_000, 1_700_000_000)
      symlinkSync(prepared.path('/archive'), prepared.path(`${DATA}/agent/images/${ARCHIVE}`))
      prepared.write(`${DATA}/agent/images/.cache.json`, '')
      prepared.write(
        `${SERVER}/manifests/demo.yaml`,
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: demo}\n',
      )
      prepared.write(
        `${SERVER}/manifests/charts/oven.yaml`,
        'apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: oven, namespace: kube-system}\nspec: {chartContent: AAAA}\n',
      )
    },
  )
  expect(server.output).toContain('Unknown flag --no-such-key found in config.yaml, skipping')
  const ca = authorities['server-ca'].pem
  const hash = createHash('sha256').update(ca).digest('hex')
  expect(readFileSync(server.path(`${SERVER}/tls/server-ca.crt`), 'utf8')).toBe(ca)
  expect(readFileSync(server.path(`${SERVER}/token`), 'utf8')).toBe(`K10${hash}::server:${TOKENS.token}\n`)
  expect(readFileSync(server.path(`${SERVER}/agent-token`), 'utf8')).toBe(
    `K10${hash}::node:${TOKENS['agent-token']}\n`,
  )

  const url = `https://127.0.0.1:${port}`
  expect((await call(`${url}/ping`, { ca })).body.toString()).toBe('pong')
  expect((await call(`${url}/cacerts`, { ca: null })).body.toString()).toBe(ca)
  expect((await call(`${url}/readyz`, { ca })).status).toBe(401)
  expect((await call(`${url}/v1-k3s/config`, { ca })).status).toBe(403)
  const basic = (user: string, password: string): string =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const config = (authorization: string) => call(`${url}/v1-k3s/config`, { ca, authorization })
  expect((await config(basic('node', TOKENS.token))).status).toBe(401)
  expect((await config('Bearer abcdef.0123456789abcdef')).status).toBe(401)
  expect((await config(basic('node', TOKENS['agent-token']))).status).toBe(200)
  const administrator = await makeClient(authorities['client-ca'], 'CN=ops,O=system:masters')
  expect((await call(`${url}/readyz`, { ca, ...administrator })).body.toString()).toBe('ok')
  expect((await call(`${url}/api/v1/nodes`, { ca, ...administrator })).status).toBe(200)
  const nobody = await makeClient(authorities['client-ca'], 'CN=nobody')
  expect((await call(`${url}/api/v1/nodes`, { ca, ...nobody })).status).toBe(403)
  const stranger = await makeClient(await makeAuthority('client-ca'), 'CN=ops,O=system:masters')
  expect((await call(`${url}/api/v1/nodes`, { ca, ...stranger })).status).toBe(401)

  const own = nodeOf(server, 'bakery-1')
  expect(hasCondition(own, 'Ready')).toBe(true)
  expect(own.metadata.labels).toMatchObject({ zone: 'oven', 'node-role.kubernetes.io/control-plane': 'true' })
  const names = readFileSync(join(RELEASE, 'k3s-images.txt'), 'utf8').trim().split('\n')
  const listed = server.run('ctr', '-n', 'k8s.io', 'images', 'ls', '-q').split('\n')
  expect(listed).toEqual(expect.arrayContaining(names))
  const elsewhere = names.map((name) => name.replace('docker.io/', 'r.example.com:5000/'))
  expect(listed).toEqual(expect.arrayContaining(elsewhere))
  expect(own.status.images.flatMap((image) => image.names)).toEqual(expect.arrayContaining(names))
  expect(server.run('kubectl', 'get', 'addons', '-n', 'kube-system', '-o', 'name')).toBe(
    'addon/oven\naddon/demo\n',
  )
  const chart = server.run('kubectl', 'get', 'helmcharts', 'oven', '-n', 'kube-system', '-o', 'json')
  expect(JSON.parse(chart)).toMatchObject({ spec: { chartContent: 'AAAA' } })

  await server.stop()
  server.start('server')
  await server.until('k3s is up and running')
  expect(server.output).not.toContain('Importing images')
  expect(hasCondition(nodeOf(server, 'bakery-1'), 'Ready')).toBe(true)
  expect(statSync(server.path('/etc/rancher/k3s/k3s.yaml')).mode & 0o777).toBe(0o600)
})

test('leaves begin an hour before they are made, last a year, and are issued anew when its key identifier differs', async () => {
  const authority = await makeAuthority('client-ca')
  const [server] = await startServer({}, (prepared) => placeAuthorities(prepared, { 'client-ca': authority }))
  const leaf = (): X509Certificate =>
    new X509Certificate(readFileSync(server.path(`${SERVER}/tls/client-admin.crt`)))
  const first = leaf()
  const ageMinutes = (Date.now() - Date.parse(first.validFrom)) / 60_000
  expect(ageMinutes).toBeGreaterThanOrEqual(60)
  expect(ageMinutes).toBeLessThan(65)
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
  const path = server.path(`${SERVER}/tls/client-ca.crt`)
  writeFileSync(path, again.pem)
  const state = server.path(`${SERVER}/db/state.db`)
  const old = Buffer.from(authority.pem).toString('base64')
  writeFileSync(state, readFileSync(state, 'utf8').replace(old, Buffer.from(again.pem).toString('base64')))
  server.start('server')
  await server.until('k3s is up and running')
  expect(leaf().serialNumber).not.toBe(first.serialNumber)
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
