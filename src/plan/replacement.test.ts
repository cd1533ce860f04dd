import { describe, expect, test } from 'vitest'
import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { BuildPlan, NodePlan } from './build-plan.ts'
import { planReplacement, replacedPart, replacementSteps } from './replacement.ts'
import { planSeed } from './seed-files.ts'
import { plainEtcd, sampleNode, sampleProfile } from './testing.ts'

const sqlite = sampleProfile()
const [server, agent] = [sampleNode(sqlite, 'bakery-1'), sampleNode(sqlite, 'oven-1')]

const serverAt = (number: number): ResolvedNode => ({
  ...server,
  name: `bakery-${number}`,
  network: { kind: 'static', addresses: [`192.168.10.${10 + number}/24`], gateways: [], dns: [] },
})

const etcd = (endpoint: string): ResolvedProfile =>
  sampleProfile({
    cluster: { ...sqlite.cluster, datastore: plainEtcd, endpoint, config: {} },
    nodes: [serverAt(1), serverAt(2), serverAt(3), agent],
  })

/** Of a plan, a replacement reads the node's parts before the seed alone. */
const planOf = (profile: ResolvedProfile): BuildPlan =>
  ({
    nodes: profile.nodes.map((node) => ({ name: node.name, seed: planSeed(profile, node) })),
  }) as unknown as BuildPlan

const replaced = (
  profile: ResolvedProfile,
  name: string,
  backup = [] as { name: string; sizeBytes: number }[],
) => planReplacement(profile, planOf(profile), name, backup)

const references = (node: NodePlan): readonly string[] =>
  node.seed.install.flatMap(({ content }) => (content.kind === 'state' ? [content.reference.name] : []))

test('what stands and falls with a node', () => {
  expect(replacedPart(sqlite, 'oven-1')).toBe('nothing')
  expect(replacedPart(sqlite, 'bakery-1')).toBe('datastore')
  const three = etcd('bakery.example.com')
  expect(['bakery-1', 'bakery-2', 'oven-1'].map((name) => replacedPart(three, name))).toEqual([
    'member',
    'member',
    'nothing',
  ])
})

test("an agent's successor has the same seed, node password and all", () => {
  expect(replaced(sqlite, 'oven-1').seed).toEqual(planSeed(sqlite, agent))
})

describe('the first server of several', () => {
  test('the usual image starts the cluster', () => {
    const profile = etcd('bakery.example.com')
    const usual = planSeed(profile, sampleNode(profile, 'bakery-1'))
    const config = usual.install.find(({ target }) => target.endsWith('k3s-config.yaml'))?.content
    expect(config).toMatchObject({ text: expect.stringContaining('cluster-init: true') })
  })

  test('its successor joins: no cluster-init, no key of a CA, no service key, not the first', () => {
    const node = replaced(etcd('bakery.example.com'), 'bakery-1')
    expect(node.first).toBe(false)
    expect(node.k3sConfig).toMatchObject({ server: 'https://bakery.example.com:6443' })
    expect(node.k3sConfig).not.toHaveProperty('cluster-init')
    expect(references(node)).toEqual(['node-password/bakery-1', 'token/server', 'token/agent'])
    const conf = node.seed.files.find(({ path }) => path === 'appliance/node.conf')?.content
    expect(conf).toMatchObject({ text: expect.stringContaining("FIRST='no'") })
  })

  test.each(['192.168.10.11', 'bakery-1'])(
    'it does not join at itself, when it is the endpoint: %s',
    (endpoint) => {
      expect(replaced(etcd(endpoint), 'bakery-1').k3sConfig['server']).toBe('https://192.168.10.12:6443')
    },
  )

  test('another server is replaced by what it was', () => {
    const profile = etcd('bakery.example.com')
    const node = replaced(profile, 'bakery-2')
    expect(node.seed).toEqual(planSeed(profile, sampleNode(profile, 'bakery-2')))
    expect(references(node)).toEqual(['node-password/bakery-2', 'token/server', 'token/agent'])
  })

  test('the command that takes the lost member out is told, to be run first', () => {
    const steps = replacementSteps(etcd('x'), 'bakery-1', { kubeconfig: 'out/kubeconfig', hasBackup: false })
    expect(steps[1]).toContain('kubectl --kubeconfig out/kubeconfig delete node bakery-1')
  })
})

describe('the only server', () => {
  const mib = 1024 * 1024
  const backup = [
    { name: 'state.db', sizeBytes: 40 * mib + 1 },
    { name: 'state.db-wal', sizeBytes: 32 },
  ]

  test('with a backup it carries the copy as a secret, and has room for it', () => {
    const { seed, first } = replaced(sqlite, 'bakery-1', backup)
    expect(first).toBe(true)
    expect(seed.sizeBytes).toBeGreaterThanOrEqual(16 * mib + 41 * mib)
    expect(seed.install.slice(-2)).toEqual([
      {
        target: '/var/lib/appliance/restore/state.db',
        mode: 0o600,
        content: { kind: 'backup', name: 'state.db', sizeBytes: 40 * mib + 1 },
      },
      {
        target: '/var/lib/appliance/restore/state.db-wal',
        mode: 0o600,
        content: { kind: 'backup', name: 'state.db-wal', sizeBytes: 32 },
      },
    ])
    expect(seed.install.slice(0, -2)).toEqual(planSeed(sqlite, server).install)
  })

  test('without one it is as it was', () => {
    expect(replaced(sqlite, 'bakery-1').seed).toEqual(planSeed(sqlite, server))
    const steps = replacementSteps(sqlite, 'bakery-1', { kubeconfig: 'k', hasBackup: false })
    expect(steps.join('\n')).toContain('restart k3s')
  })
})
