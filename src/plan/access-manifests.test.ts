import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { ResolvedKubeconfig } from '../resolve/resolved-profile.ts'
import { accessManifests } from './access-manifests.ts'
import { planKubeconfigs } from './kubeconfigs.ts'
import { planSeed } from './seed-files.ts'
import { sampleNode, sampleProfile } from './testing.ts'

const profile = sampleProfile()
const withKubeconfigs = (...kubeconfigs: readonly ResolvedKubeconfig[]) =>
  sampleProfile({ access: { ...profile.access, kubeconfigs } })
const alice: ResolvedKubeconfig = { name: 'alice', groups: ['dev', 'qa'], role: 'view', lifetimeDays: 90 }
const bob: ResolvedKubeconfig = { name: 'bob', groups: [], role: 'cluster-admin', lifetimeDays: 365 }
const carol: ResolvedKubeconfig = { name: 'carol', groups: ['ops'], role: null, lifetimeDays: 365 }

const withTokens = (...ends: readonly (string | null)[]) => {
  const [server, agent] = [sampleNode(profile, 'bakery-1'), sampleNode(profile, 'oven-1')]
  return sampleProfile({
    epoch: Date.parse('2026-11-22T12:00:00Z') / 1000,
    nodes: [
      server,
      ...ends.map((expires, index) => ({ ...agent, name: `oven-${index + 1}`, bootstrapToken: { expires } })),
    ],
  })
}

test('the administrator comes first, under a name of its own', () => {
  expect(planKubeconfigs(withKubeconfigs(alice))).toEqual([
    {
      file: 'kubeconfig',
      server: 'https://bakery.example.com:6443',
      user: 'appliance-admin',
      groups: ['system:masters'],
      lifetimeDays: 1095,
    },
    {
      file: 'alice.kubeconfig',
      server: 'https://bakery.example.com:6443',
      user: 'alice',
      groups: ['dev', 'qa'],
      lifetimeDays: 90,
    },
  ])
})

test('a role is bound to the groups, or to the user without any; no role, no binding', () => {
  const [manifest, ...others] = accessManifests(withKubeconfigs(alice, bob, carol))
  expect(others).toEqual([])
  expect(manifest?.target).toBe('/var/lib/rancher/k3s/server/manifests/appliance-access.yaml')
  const text = manifest?.content.kind === 'text' ? manifest.content.text : ''
  const api = 'rbac.authorization.k8s.io'
  expect(parseAllDocuments(text).map((document) => document.toJS())).toEqual([
    {
      apiVersion: `${api}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'appliance:alice:view' },
      roleRef: { apiGroup: api, kind: 'ClusterRole', name: 'view' },
      subjects: [
        { apiGroup: api, kind: 'Group', name: 'dev' },
        { apiGroup: api, kind: 'Group', name: 'qa' },
      ],
    },
    {
      apiVersion: `${api}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'appliance:bob:cluster-admin' },
      roleRef: { apiGroup: api, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup: api, kind: 'User', name: 'bob' }],
    },
  ])
})

test('the first server alone carries them', () => {
  const both = withKubeconfigs(alice)
  const targets = (name: string): readonly string[] =>
    planSeed(both, sampleNode(both, name)).install.map(({ target }) => target)
  expect(targets('bakery-1').filter((target) => target.includes('/manifests/'))).toHaveLength(1)
  expect(targets('oven-1').filter((target) => target.includes('/manifests/'))).toEqual([])
})

test('each agent with a token of its own has its Secret on the first server, as a secret', () => {
  const entries = accessManifests(withTokens(null, '2026-11-22T12:00:01Z'))
  expect(entries).toEqual(
    ['oven-1', 'oven-2'].map((name) => ({
      target: `/var/lib/rancher/k3s/server/manifests/bootstrap-token-${name}.yaml`,
      mode: 0o600,
      content: { kind: 'state', reference: { name: `bootstrap-token/${name}.yaml`, secret: true } },
    })),
  )
})

test('a token that had ended when the lock was made is announced no more', () => {
  expect(accessManifests(withTokens('2026-11-22T12:00:00Z', '2020-01-01T00:00:00Z'))).toEqual([])
})

test('names that k3s can deploy: up to the first dot a DNS name', () => {
  const entries = [...accessManifests(withKubeconfigs(alice)), ...accessManifests(withTokens(null))]
  for (const { target } of entries)
    expect(target.split('/').at(-1)?.split('.')[0]).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
})

test('an agent with a token of its own does not get the common one', () => {
  const tokens = withTokens(null)
  const names = planSeed(tokens, sampleNode(tokens, 'oven-1')).install.flatMap(({ content }) =>
    content.kind === 'state' ? [content.reference.name] : [],
  )
  expect(names).toEqual(['node-password/oven-1', 'token/bootstrap/oven-1'])
})
