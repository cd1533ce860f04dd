import { expect, test } from 'vitest'
import type { ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { InstallEntry } from './build-plan.ts'
import { corednsManifest } from './coredns.ts'
import { nameServerFile, nameServerPart } from './name-servers.ts'
import { overlayModule } from './overlay-module.ts'
import { planRegistries, registriesPart } from './registries.ts'
import { sampleNode, sampleProfile } from './testing.ts'

const sample = sampleProfile()
const starts = { kind: 'starts' } as const
const joins = { kind: 'joins', server: 'https://bakery-1:6443' } as const

const withCluster = (cluster: Partial<ResolvedProfile['cluster']>): ResolvedProfile =>
  sampleProfile({ cluster: { ...sample.cluster, ...cluster } })

const textOf = (entries: readonly InstallEntry[], target: string): string | undefined => {
  const content = entries.find((entry) => entry.target === target)?.content
  return content?.kind === 'text' ? content.text : undefined
}

test.each([
  [['192.168.10.1', 'fd00:10::1'], 'nameserver 192.168.10.1\nnameserver fd00:10::1\n'],
  [
    ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'],
    'nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\n',
  ],
  [[], 'nameserver 192.168.10.11\n'],
])('name servers of pods: %j', (dns, text) => {
  const node = sampleNode(sample, 'bakery-1')
  if (node.network.kind !== 'static') throw new Error('not static')
  const changed = { ...node, network: { ...node.network, dns } }
  expect(textOf(nameServerFile(sample, changed, starts), '/etc/rancher/k3s/resolv.conf')).toBe(text)
  expect(nameServerPart(sample, changed, starts)).toEqual({ 'resolv-conf': '/etc/rancher/k3s/resolv.conf' })
})

test("under DHCP, and with a file of the user's, k3s is told nothing of name servers", () => {
  const own = withCluster({ agentConfig: { 'resolv-conf': '/etc/resolv.site' } })
  for (const [profile, name] of [
    [sample, 'oven-1'],
    [own, 'bakery-1'],
  ] as const) {
    expect(nameServerPart(profile, sampleNode(profile, name), starts)).toEqual({})
    expect(nameServerFile(profile, sampleNode(profile, name), starts)).toEqual([])
  }
})

test('wireguard is loaded where it carries the packets of pods', () => {
  const wireguard = withCluster({ config: { 'flannel-backend': 'wireguard-native' } })
  const target = '/etc/modules-load.d/20-flannel.conf'
  expect(textOf(overlayModule(wireguard, sampleNode(sample, 'oven-1'), joins), target)).toBe('wireguard\n')
  expect(overlayModule(sample, sampleNode(sample, 'oven-1'), joins)).toEqual([])
})

test('settings of CoreDNS are a manifest of the one server that starts the cluster', () => {
  const profile = withCluster({
    coredns: { 'site.server': 'example.com:53 {\n  forward . 192.168.10.1\n}\n' },
  })
  const node = sampleNode(profile, 'bakery-1')
  const [entry] = corednsManifest(profile, node, starts)
  expect(entry?.content.kind === 'text' ? entry.content.text : '').toContain('name: coredns-custom')
  expect(corednsManifest(profile, node, joins)).toEqual([])
  expect(corednsManifest(sample, node, starts)).toEqual([])
})

const pin = { name: './ca.crt', sha256: 'a'.repeat(64), sizeBytes: 1 }
const secret = (at: string) => ({ at, source: { env: 'X' } })
const registries: NonNullable<ResolvedProfile['cluster']['registries']> = {
  mirrors: {
    'docker.io': {
      endpoints: ['https://registry.example.com:5000'],
      rewrite: { '^rancher/(.*)': 'mirror/rancher/$1' },
    },
    '*': { endpoints: [], rewrite: {} },
  },
  configs: {
    'registry.example.com:5000': {
      username: 'puller',
      password: secret('password'),
      token: null,
      ca: pin,
      cert: pin,
      key: secret('key'),
      insecureSkipVerify: false,
    },
  },
  embedded: true,
  defaultEndpoint: false,
  systemDefault: 'registry.example.com:5000',
}

test('registries.yaml by the names of k3s, its secrets as references, its files beside it', () => {
  const profile = withCluster({ registries })
  const entries = planRegistries(profile, sampleNode(profile, 'oven-1'), joins)
  const folder = '/etc/rancher/k3s/registries/registry.example.com_5000'
  expect(entries.map(({ target, mode }) => [target, mode.toString(8)])).toEqual([
    ['/etc/rancher/k3s/registries.yaml', '600'],
    [`${folder}/ca.crt`, '644'],
    [`${folder}/client.crt`, '644'],
    [`${folder}/client.key`, '600'],
  ])
  const content = entries[0]?.content
  if (content?.kind !== 'composed') throw new Error('a password makes it a composed file')
  const shown = content.parts
    .map((part) => (typeof part === 'string' ? part : `<${part.secret.at}>`))
    .join('')
  expect(shown).toBe(`mirrors:
  "*": {}
  docker.io:
    endpoint:
      - https://registry.example.com:5000
    rewrite:
      ^rancher/(.*): mirror/rancher/$1
configs:
  registry.example.com:5000:
    auth:
      username: puller
      password: <password>
    tls:
      ca_file: ${folder}/ca.crt
      cert_file: ${folder}/client.crt
      key_file: ${folder}/client.key
`)
})

test('keys of registries: two of them are for servers alone', () => {
  const profile = withCluster({ registries })
  expect(registriesPart(profile, sampleNode(profile, 'bakery-1'), starts)).toEqual({
    'disable-default-registry-endpoint': true,
    'embedded-registry': true,
    'system-default-registry': 'registry.example.com:5000',
  })
  expect(registriesPart(profile, sampleNode(profile, 'oven-1'), joins)).toEqual({
    'disable-default-registry-endpoint': true,
  })
  expect(registriesPart(sample, sampleNode(sample, 'bakery-1'), starts)).toEqual({})
})
