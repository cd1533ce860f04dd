import { expect, test } from 'vitest'
import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import { entryOf, planK3sConfig } from './k3s-config.ts'
import { planReplacement, replacedPart, replacementSteps } from './replacement.ts'
import { planSeed } from './seed-files.ts'
import { externalDatastore, sampleNode, sampleProfile } from './testing.ts'

const sample = sampleProfile()
const [server, agent] = [sampleNode(sample, 'bakery-1'), sampleNode(sample, 'oven-1')]

const profileWith = (datastore: ResolvedProfile['cluster']['datastore']): ResolvedProfile =>
  sampleProfile({
    nodes: [server, { ...server, name: 'bakery-2', network: { kind: 'dhcp' } }, agent],
    cluster: { ...sample.cluster, datastore, config: {} },
  })

const profile = profileWith(externalDatastore)
const nodeOf = (name: string): ResolvedNode => sampleNode(profile, name)

const targets = (name: string): readonly string[] =>
  planSeed(profile, nodeOf(name)).install.map(({ target }) => target)

test('every server gets endpoint, certificates and key; no agent does', () => {
  for (const name of ['bakery-1', 'bakery-2']) {
    const seed = planSeed(profile, nodeOf(name))
    expect(planK3sConfig(profile, nodeOf(name))).toMatchObject({
      'datastore-endpoint': { secret: { at: 'cluster.k3s.datastore.endpoint' } },
      'datastore-cafile': '/var/lib/appliance/datastore/ca.crt',
      'datastore-certfile': '/var/lib/appliance/datastore/client.crt',
      'datastore-keyfile': '/var/lib/appliance/datastore/client.key',
    })
    expect(seed.install).toContainEqual({
      target: '/var/lib/appliance/datastore/client.key',
      mode: 0o600,
      content: {
        kind: 'composed',
        parts: [{ secret: expect.objectContaining({ at: 'cluster.k3s.datastore.key' }), as: 'file' }],
      },
    })
    const config = seed.install.find(({ target }) => target.endsWith('k3s-config.yaml'))
    expect(config).toMatchObject({ mode: 0o600, content: { kind: 'composed' } })
  }
  expect(targets('oven-1').filter((target) => target.includes('datastore'))).toEqual([])
  expect(Object.keys(planK3sConfig(profile, agent)).filter((key) => key.startsWith('datastore'))).toEqual([])
})

test('what the profile does not name is not written', () => {
  const plain = profileWith({ ...externalDatastore, ca: null, client: null })
  const config = planK3sConfig(plain, server)
  expect(Object.keys(config).filter((key) => key.startsWith('datastore'))).toEqual(['datastore-endpoint'])
  const placed = planSeed(plain, server).install.map(({ target }) => target)
  expect(placed.filter((target) => target.includes('/datastore/'))).toEqual([])
})

test('no server joins another, and the same CAs are on each; only the first deploys manifests', () => {
  expect(entryOf(profile, nodeOf('bakery-1'))).toEqual({ kind: 'starts' })
  expect(entryOf(profile, nodeOf('bakery-2'))).toEqual({ kind: 'shares' })
  for (const name of ['bakery-1', 'bakery-2']) {
    const config = planK3sConfig(profile, nodeOf(name))
    expect(config).not.toHaveProperty('server')
    expect(config).not.toHaveProperty('cluster-init')
  }
  const tls = (name: string): readonly string[] =>
    targets(name).filter((target) => target.includes('/server/tls/'))
  expect(tls('bakery-2')).toEqual(tls('bakery-1'))
  expect(tls('bakery-2')).toHaveLength(11)
  const conf = planSeed(profile, nodeOf('bakery-2')).files.find(({ path }) => path.endsWith('node.conf'))
  expect(conf?.content).toMatchObject({ text: expect.stringContaining("FIRST='no'") })
  expect(targets('bakery-2').filter((target) => target.includes('/manifests/'))).toEqual([])
})

test('an agent joins at the endpoint of the cluster', () => {
  expect(planK3sConfig(profile, agent)).toMatchObject({ server: 'https://bakery.example.com:6443' })
})

test('a lost server takes no data with it: its successor is what it was', () => {
  const plan = {
    nodes: profile.nodes.map((node) => ({ name: node.name, seed: planSeed(profile, node) })),
  } as never
  for (const name of ['bakery-1', 'bakery-2']) {
    expect(replacedPart(profile, name)).toBe('access')
    const successor = planReplacement(profile, plan, name, [])
    expect(successor.seed).toEqual(planSeed(profile, nodeOf(name)))
    expect(successor.first).toBe(name === 'bakery-1')
    const steps = replacementSteps(profile, name, { kubeconfig: 'kubeconfig', hasBackup: false })
    expect(steps.join('\n')).not.toContain('delete node')
    expect(steps.at(-1)).toContain('finds the cluster in its datastore')
  }
})
