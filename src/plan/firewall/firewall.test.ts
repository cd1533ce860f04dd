import { expect, test } from 'vitest'
import type { ResolvedFirewall } from '../../resolve/firewall.ts'
import type { ResolvedProfile } from '../../resolve/resolved-profile.ts'
import { sampleNode, sampleProfile } from '../testing.ts'
import { firewallText, plainFirewall, withFirewall } from './testing.ts'

const profile = sampleProfile()

test('without a firewall in the profile there is none on the node', () => {
  expect(firewallText(profile, 'bakery-1')).toBeUndefined()
})

test.each(['bakery-1', 'oven-1'])('the firewall of %s', async (name) => {
  const from: ResolvedFirewall = {
    ...plainFirewall,
    api: { networks: ['192.168.0.0/16'], nodes: true },
    trusted: ['10.60.0.0/16'],
    allow: [
      { ports: ['9100', '30000-32767'], protocol: 'tcp', from: 'anywhere' },
      { ports: ['514'], protocol: 'udp', from: { networks: ['fd00:9::/64'], nodes: true } },
    ],
  }
  const text = firewallText(withFirewall({ ...profile, site: { ...profile.site, firewall: from } }), name)
  await expect(text).toMatchFileSnapshot(`testdata/${name}.nft`)
})

const changed = (cluster: Partial<ResolvedProfile['cluster']>): ResolvedProfile =>
  withFirewall(sampleProfile({ cluster: { ...profile.cluster, ...cluster } }))

const lines = (from: ResolvedProfile, name: string): readonly string[] =>
  (firewallText(from, name) ?? '').split('\n').map((line) => line.trim())

test.each([
  ['vxlan', ['udp dport 8472 counter drop']],
  ['wireguard-native', ['udp dport { 51820, 51821 } counter drop']],
  ['host-gw', []],
  ['none', []],
])('%s: the ports between nodes are closed to everybody else', (backend, closed) => {
  const text = lines(changed({ config: { 'flannel-backend': backend } }), 'oven-1')
  expect(text.filter((line) => /^udp dport .* drop$/.test(line))).toEqual(closed)
  // And nothing opens them to all.
  expect(text.filter((line) => /^udp dport .* accept$/.test(line))).toEqual([])
})

test.each([
  [{ disable: [] }, true],
  [{ disable: ['traefik'] }, false],
  [{ disable: ['servicelb'] }, false],
])('80 and 443 are open where Traefik listens on the nodes: %j', (cluster, open) => {
  const text = lines(changed(cluster), 'oven-1')
  expect(text.includes('meta l4proto tcp ct original proto-dst { 80, 443 } accept')).toBe(open)
})

test('etcd is for servers, from servers, and only where there is etcd', () => {
  const etcd = changed({ datastore: { kind: 'etcd' } as never })
  const rule = 'ip saddr @servers4 tcp dport { 2379, 2380 } accept'
  expect(lines(etcd, 'bakery-1')).toContain(rule)
  expect(lines(etcd, 'oven-1').join('\n')).not.toContain('2379')
  expect(lines(changed({}), 'bakery-1').join('\n')).not.toContain('2379')
})

test('the API of a server listens where the profile says, and agents have none', () => {
  const moved = changed({ config: { 'https-listen-port': 8443 } })
  expect(lines(moved, 'bakery-1')).toContain('tcp dport 8443 accept')
  expect(lines(moved, 'oven-1').join('\n')).not.toContain('8443')
})

test('nodes share images on two ports', () => {
  const shares = changed({
    registries: { mirrors: {}, configs: {}, embedded: true, defaultEndpoint: true, systemDefault: null },
  })
  expect(lines(shares, 'oven-1')).toContain('ip saddr @nodes4 tcp dport { 5001, 6443 } accept')
})

test('the ruleset of others is never flushed', () => {
  for (const { name } of profile.nodes) expect(firewallText(changed({}), name)).not.toContain('flush')
  expect(sampleNode(profile, 'oven-1').role).toBe('agent')
})
