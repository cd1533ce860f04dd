import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import type { ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { SeedPlan } from './build-plan.ts'
import { isSecret } from './build-plan.ts'
import { planK3sConfig } from './k3s-config.ts'
import { planReplacement } from './replacement.ts'
import { planSeed } from './seed-files.ts'
import { plainEtcd, sampleNode, sampleProfile } from './testing.ts'

const sample = sampleProfile()
const [server, agent] = [sampleNode(sample, 'bakery-1'), sampleNode(sample, 'oven-1')]

const secret = (at: string) => ({ secret: { at, source: { env: 'S3' } } })

const bakery = (cluster: Partial<ResolvedProfile['cluster']> = {}): ResolvedProfile =>
  sampleProfile({
    nodes: [
      ...[1, 2, 3].map((number) => ({
        ...server,
        name: `bakery-${number}`,
        network: {
          kind: 'static' as const,
          addresses: [`192.168.10.${10 + number}/24`],
          gateways: ['192.168.10.1'],
          dns: [],
        },
      })),
      agent,
    ],
    cluster: { ...sample.cluster, config: { 'secrets-encryption': true }, datastore: plainEtcd, ...cluster },
  })

const withSnapshots = bakery({
  datastore: {
    kind: 'etcd',
    snapshots: {
      config: {
        'etcd-snapshot-retention': 12,
        'etcd-s3': true,
        'etcd-s3-bucket': 'bakery',
        'etcd-s3-secret-key': secret('cluster.k3s.datastore.snapshots.s3.secretKey'),
      },
      s3Ca: { name: './ca.crt', sha256: 'c'.repeat(64), sizeBytes: 900 },
    },
  },
})

const withVip = bakery({
  endpoint: '192.168.10.10',
  vip: { address: '192.168.10.10', interface: null, image: 'ghcr.io/kube-vip/kube-vip:v0.9.2' },
})

const configOf = (profile: ResolvedProfile, name: string) => planK3sConfig(profile, sampleNode(profile, name))
const seedOf = (profile: ResolvedProfile, name: string): SeedPlan =>
  planSeed(profile, sampleNode(profile, name))
const entryAt = (seed: SeedPlan, target: string) => seed.install.find((entry) => entry.target === target)

/** What k3s compares when a server joins (pkg/cluster/bootstrap.go, compareConfig), and what makes each server itself. */
const own = ['node-name', 'node-ip', 'advertise-address', 'tls-san', 'cluster-init', 'server']

test('config.yaml of three servers: one starts the cluster, the others join it, all else is the same', async () => {
  const configs = ['bakery-1', 'bakery-2', 'bakery-3'].map((name) => configOf(withSnapshots, name))
  const [first, ...others] = configs
  expect(first).toMatchObject({ 'cluster-init': true })
  expect(first).not.toHaveProperty('server')
  for (const config of others) {
    expect(config).toMatchObject({ server: 'https://bakery.example.com:6443' })
    expect(config).not.toHaveProperty('cluster-init')
  }
  const common = configs.map((config) =>
    Object.fromEntries(Object.entries(config).filter(([key]) => !own.includes(key))),
  )
  expect(new Set(common.map((config) => JSON.stringify(config))).size).toBe(1)
  await expect(`${JSON.stringify(configs, null, 2)}\n`).toMatchFileSnapshot('testdata/three-servers.json')
})

test('settings of snapshots, the key of the bucket and its CA are on servers and nowhere else', () => {
  const ca = '/var/lib/appliance/etcd-s3-ca.crt'
  for (const name of ['bakery-1', 'bakery-3']) {
    const seed = seedOf(withSnapshots, name)
    expect(configOf(withSnapshots, name)).toMatchObject({
      'etcd-snapshot-retention': 12,
      'etcd-s3-endpoint-ca': ca,
    })
    expect(entryAt(seed, ca)).toMatchObject({ mode: 0o644, content: { kind: 'artifact' } })
    const config = entryAt(seed, '/var/lib/appliance/k3s-config.yaml')
    expect(config?.mode).toBe(0o600)
    expect(config !== undefined && isSecret(config.content)).toBe(true)
  }
  const oven = seedOf(withSnapshots, 'oven-1')
  expect(JSON.stringify(oven)).not.toContain('etcd')
  expect(JSON.stringify(oven)).not.toContain('secretKey')
})

test('the virtual address is in the certificate of every server, and where all others join', () => {
  for (const name of ['bakery-1', 'bakery-2', 'bakery-3'])
    expect(configOf(withVip, name)['tls-san']).toContain('192.168.10.10')
  for (const name of ['bakery-2', 'oven-1'])
    expect(configOf(withVip, name)['server']).toBe('https://192.168.10.10:6443')
  expect(configOf(withVip, 'oven-1')).not.toHaveProperty('tls-san')
})

test('beside an endpoint of its own the virtual address is one more name', () => {
  const named = bakery({ vip: withVip.cluster.vip })
  expect(configOf(named, 'bakery-1')['tls-san']).toEqual(['bakery.example.com', 'bakery-1', '192.168.10.10'])
  expect(configOf(named, 'oven-1')['server']).toBe('https://bakery.example.com:6443')
})

const manifest = '/var/lib/rancher/k3s/server/manifests/appliance-vip.yaml'

test('kube-vip is deployed by the first server alone, for the servers', async () => {
  const content = entryAt(seedOf(withVip, 'bakery-1'), manifest)?.content
  const text = content?.kind === 'text' ? content.text : ''
  for (const name of ['bakery-2', 'oven-1']) expect(entryAt(seedOf(withVip, name), manifest)).toBeUndefined()
  expect(entryAt(seedOf(bakery(), 'bakery-1'), manifest)).toBeUndefined()
  await expect(text).toMatchFileSnapshot('testdata/kube-vip.yaml')
  const kinds = parseAllDocuments(text).map((document) => (document.toJS() as { kind: string }).kind)
  expect(kinds).toEqual(['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'DaemonSet'])
})

test.each([
  ['192.168.10.10', 'eth0', '32'],
  ['fd00:10::10', null, '128'],
])('settings of kube-vip for %s on %s', (address, device, subnet) => {
  const profile = bakery({
    config: { 'https-listen-port': 8443 },
    vip: { address, interface: device, image: 'registry.example.com/kube-vip@sha256:0' },
  })
  const content = entryAt(seedOf(profile, 'bakery-1'), manifest)?.content
  const documents = content?.kind === 'text' ? content.text.split('---\n') : []
  const { containers } = (
    parse(documents.at(-1) ?? '') as {
      spec: {
        template: {
          spec: { containers: { image: string; env: { name: string; value?: string }[] }[] }
        }
      }
    }
  ).spec.template.spec
  const env = Object.fromEntries((containers[0]?.env ?? []).map(({ name, value }) => [name, value]))
  expect(containers[0]?.image).toBe('registry.example.com/kube-vip@sha256:0')
  expect(env).toMatchObject({ address, port: '8443', KUBERNETES_SERVICE_PORT: '8443', vip_subnet: subnet })
  expect(env['vip_interface']).toBe(device ?? undefined)
})

test('the server that starts the cluster knows where the others would answer, if they were there', () => {
  const confOf = (profile: ResolvedProfile, name: string): string => {
    const content = seedOf(profile, name).files.find(({ path }) => path === 'appliance/node.conf')?.content
    return content?.kind === 'text' ? content.text : ''
  }
  expect(confOf(bakery(), 'bakery-1')).toContain(
    "PEERS='https://192.168.10.12:6443 https://192.168.10.13:6443'\n",
  )
  for (const name of ['bakery-2', 'oven-1']) expect(confOf(bakery(), name)).not.toContain('PEERS')
  expect(confOf(sample, 'bakery-1')).not.toContain('PEERS')
})

test('the successor of the first server joins, deploys nothing, and its plan names secrets without their source', () => {
  const profile = { ...withSnapshots, cluster: { ...withSnapshots.cluster, vip: withVip.cluster.vip } }
  const plan = { nodes: profile.nodes.map(({ name }) => ({ name })) } as never
  const { seed, k3sConfig } = planReplacement(profile, plan, 'bakery-1', [])
  expect(k3sConfig['etcd-s3-secret-key']).toEqual({
    secret: 'cluster.k3s.datastore.snapshots.s3.secretKey',
  })
  expect(k3sConfig).not.toHaveProperty('cluster-init')
  expect(entryAt(seed, manifest)).toBeUndefined()
  expect(JSON.stringify(seed.files)).not.toContain('PEERS')
})
