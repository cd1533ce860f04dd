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

const manifests = '/var/lib/rancher/k3s/server/manifests'
const shared = `${manifests}/appliance-vip.yaml`
const unnamed = '/var/lib/appliance/vip.yaml'

const textAt = (profile: ResolvedProfile, name: string, target: string): string | undefined => {
  const content = entryAt(seedOf(profile, name), target)?.content
  return content?.kind === 'text' ? content.text : undefined
}

const confOf = (profile: ResolvedProfile, name: string): string => {
  const content = seedOf(profile, name).files.find(({ path }) => path === 'appliance/node.conf')?.content
  return content?.kind === 'text' ? content.text : ''
}

test('each server deploys kube-vip for itself, the first one what all need for it', async () => {
  const permissions = textAt(withVip, 'bakery-1', shared) ?? ''
  const kinds = parseAllDocuments(permissions).map((document) => (document.toJS() as { kind: string }).kind)
  expect(kinds).toEqual(['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding'])
  const own = textAt(withVip, 'bakery-1', unnamed) ?? ''
  await expect(`${permissions}---\n${own}`).toMatchFileSnapshot('testdata/kube-vip.yaml')
  expect(textAt(withVip, 'bakery-2', shared)).toBeUndefined()
  expect(textAt(withVip, 'bakery-2', unnamed)).toBe(own.replaceAll('bakery-1', 'bakery-2'))
  expect(textAt(withVip, 'oven-1', unnamed)).toBeUndefined()
  expect(JSON.stringify(seedOf(bakery(), 'bakery-1'))).not.toContain('vip')
})

const settingsIn = (text: string | undefined) => {
  const { spec } = parse(text ?? '') as {
    spec: { template: { spec: { containers: { image: string; env: { name: string; value?: string }[] }[] } } }
  }
  const [container] = spec.template.spec.containers
  return {
    image: container?.image,
    env: Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value])),
  }
}

test.each([
  ['192.168.10.10', '32'],
  ['fd00:10::10', '128'],
])('settings of kube-vip for %s', (address, subnet) => {
  const profile = bakery({
    config: { 'https-listen-port': 8443 },
    vip: { address, interface: 'eth7', image: 'registry.example.com/kube-vip@sha256:0' },
  })
  const { image, env } = settingsIn(textAt(profile, 'bakery-2', `${manifests}/appliance-vip-bakery-2.yaml`))
  expect(image).toBe('registry.example.com/kube-vip@sha256:0')
  expect(env).toMatchObject({ address, port: '8443', KUBERNETES_SERVICE_PORT: '8443', vip_subnet: subnet })
  expect(env['vip_interface']).toBe('eth7')
})

test('kube-vip is on the interface that the cluster uses, whatever each server calls it', () => {
  const matches = [
    { kind: 'name', name: 'enp1s0' },
    { kind: 'name', name: 'end0' },
    { kind: 'mac', mac: '02:00:5e:10:00:01' },
  ] as const
  const profile: ResolvedProfile = {
    ...withVip,
    nodes: withVip.nodes.map((node, index) => {
      const match = matches[index]
      const [own] = node.interfaces
      return match === undefined || own === undefined
        ? node
        : {
            ...node,
            interfaces: [
              { ...own, match: { kind: 'name', name: 'eth9' }, cluster: false },
              { ...own, match },
            ],
          }
    }),
  }
  const deviceOf = (name: string): unknown =>
    settingsIn(textAt(profile, name, `${manifests}/appliance-vip-${name}.yaml`)).env['vip_interface']
  expect(['bakery-1', 'bakery-2'].map(deviceOf)).toEqual(['enp1s0', 'end0'])
  expect(settingsIn(textAt(profile, 'bakery-3', unnamed)).env['vip_interface']).toBe('@INTERFACE@')
  expect(confOf(profile, 'bakery-3')).toContain("VIP_MAC='02:00:5e:10:00:01'\n")
  for (const name of ['bakery-1', 'oven-1']) expect(confOf(profile, name)).not.toContain('VIP_MAC')
})

test('the server that starts the cluster knows where the others would answer, if they were there', () => {
  expect(confOf(bakery(), 'bakery-1')).toContain(
    "PEERS='https://192.168.10.12:6443 https://192.168.10.13:6443'\n",
  )
  for (const name of ['bakery-2', 'oven-1']) expect(confOf(bakery(), name)).not.toContain('PEERS')
  expect(confOf(sample, 'bakery-1')).not.toContain('PEERS')
})

test('the successor of the first server joins, deploys nothing but its own share of the virtual address, and its plan names secrets without their source', () => {
  const profile = { ...withSnapshots, cluster: { ...withSnapshots.cluster, vip: withVip.cluster.vip } }
  const plan = {
    nodes: profile.nodes.map((node) => ({ name: node.name, seed: planSeed(profile, node) })),
  } as never
  const { seed, k3sConfig } = planReplacement(profile, plan, 'bakery-1', [])
  expect(k3sConfig['etcd-s3-secret-key']).toEqual({
    secret: 'cluster.k3s.datastore.snapshots.s3.secretKey',
  })
  expect(k3sConfig).not.toHaveProperty('cluster-init')
  expect(seed.install.filter(({ target }) => target.startsWith(manifests))).toEqual([])
  expect(entryAt(seed, unnamed)).toBeDefined()
  expect(JSON.stringify(seed.files)).not.toContain('PEERS')
})
