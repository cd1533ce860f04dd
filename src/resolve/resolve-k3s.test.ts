import { expect, test } from 'vitest'
import { planK3sConfig } from '../plan/k3s-config.ts'
import { shownSecrets, yamlContent } from '../plan/secret-text.ts'
import { sampleNode, sampleProfile } from '../plan/testing.ts'
import type { EffectiveNode } from '../profile/effective-node.ts'
import type { Profile } from '../profile/schema.ts'
import { sampleK3sTables } from '../recipes/testing.ts'
import { resolveK3sSettings } from './resolve-k3s.ts'

const k3s = {
  version: 'v1.33.1+k3s1',
  config: { 'etcd-s3-secret-key': { env: 'S3_KEY' } },
  agentConfig: { 'disable-apiserver-lb': true, debug: true },
}
const profile = { cluster: { name: 'lab', k3s } } as unknown as Profile
const settings = resolveK3sSettings({ profile, literals: new Map() }, sampleK3sTables)
const node = (index: number, role: EffectiveNode['role'], own: EffectiveNode['k3s']): EffectiveNode =>
  ({ index, role, k3s: own }) as EffectiveNode

test('what only agents know is given to agents alone', () => {
  expect(settings.agentConfig).toEqual({ debug: true })
  expect(settings.ofNode(node(0, 'server', undefined))).toEqual({})
  expect(settings.ofNode(node(1, 'agent', { v: 2 }))).toEqual({ 'disable-apiserver-lb': true, v: 2 })
})

test('a secret of one node is a secret of its place, and stays a reference in the plan', () => {
  const own = settings.ofNode(node(2, 'server', { 'vpn-auth': { env: 'VPN_AUTH' } }))
  const at = 'nodes[2].k3s.vpn-auth'
  expect(own).toEqual({ 'vpn-auth': { secret: { at, source: { env: 'VPN_AUTH' } } } })
  const plan = sampleProfile()
  const config = planK3sConfig(plan, { ...sampleNode(plan, 'bakery-1'), k3s: own })
  expect(shownSecrets(config)['vpn-auth']).toEqual({ secret: at })
  const content = yamlContent(config)
  expect(content.kind).toBe('composed')
  expect(JSON.stringify(content)).toContain(
    '"secret":{"at":"nodes[2].k3s.vpn-auth","source":{"env":"VPN_AUTH"}}',
  )
})
