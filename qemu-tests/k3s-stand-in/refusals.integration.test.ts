/** The built executable: a server ends where k3s would. */

import { utimesSync } from 'node:fs'
import { expect, test } from 'vitest'
import { makeAuthority } from './testing/certificates.ts'
import {
  machine,
  placeAuthorities,
  SERVER,
  SERVER_CONFIG,
  startServer,
  useMachines,
} from './testing/machines.ts'
import type { Sandbox } from './testing/sandbox.ts'
import { freePort } from './testing/sandbox.ts'

useMachines()

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

test('an authority that is newer than the datastore ends the server', async () => {
  const [server] = await startServer()
  await server.stop()
  const other = await makeAuthority('server-ca')
  server.write(`${SERVER}/tls/server-ca.crt`, other.pem)
  server.write(`${SERVER}/tls/server-ca.key`, other.keyPem)
  const soon = Date.now() / 1000 + 10
  for (const end of ['crt', 'key']) utimesSync(server.path(`${SERVER}/tls/server-ca.${end}`), soon, soon)
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

test('the key of an authority must be that of its first certificate', async () => {
  const server = machine()
  server.configure({ ...SERVER_CONFIG, 'https-listen-port': await freePort() })
  const [one, two] = [await makeAuthority('client-ca'), await makeAuthority('client-ca')]
  placeAuthorities(server, { 'client-ca': { ...one, keyPem: two.keyPem } })
  server.start('server')
  expect(await server.end()).toBe(1)
  expect(server.output).toContain("provided PrivateKey doesn't match parent's PublicKey")
})

test.each([
  ['kube-apiserver-arg', 'audit-policy=/a', 'apiserver exited: unknown flag: --audit-policy'],
  ['kubelet-arg', 'max-pod=60', 'kubelet exited: failed to parse kubelet flag: unknown flag: --max-pod'],
])('a flag in %s that the component does not have: %s', async (key, argument, words) => {
  const server = machine()
  server.configure({ ...SERVER_CONFIG, 'https-listen-port': await freePort(), [key]: [argument] })
  server.start('server')
  await server.until(words)
  expect(await server.end()).toBe(1)
})
