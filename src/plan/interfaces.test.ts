import { expect, test } from 'vitest'
import { mergeDefaults } from '../profile/effective-node.ts'
import type { Profile, ProfileNode } from '../profile/schema.ts'
import { resolveNode } from '../resolve/defaults.ts'
import type { ResolvedNode } from '../resolve/resolved-profile.ts'
import { planK3sConfig } from './k3s-config.ts'
import { planNetworkFiles } from './network-files.ts'
import { planSeed } from './seed-files.ts'
import { sampleBoard, sampleProfile } from './testing.ts'

const nodeWith = (
  interfaces: NonNullable<NonNullable<ProfileNode['network']>['interfaces']>,
): ResolvedNode => {
  const profile: Profile = {
    apiVersion: 'appliance/v1alpha1',
    cluster: { name: 'lab', k3s: { version: 'v1.33.1+k3s1' } },
    nodes: [{ name: 'lab-1', role: 'server', network: { interfaces } }],
    access: { users: [] },
  }
  const [node] = mergeDefaults(profile)
  if (node === undefined) throw new Error('no node')
  return resolveNode(node, sampleBoard, { k3s: {}, kernel: 'stable-4k' })
}

const files = (node: ResolvedNode): Readonly<Record<string, string>> =>
  Object.fromEntries(
    planNetworkFiles(sampleProfile({ nodes: [node] }), node).flatMap(({ target, content }) =>
      target.startsWith('/etc/systemd/network/') && content.kind === 'text'
        ? [[target.slice(21), content.text]]
        : [],
    ),
  )

const confOf = (node: ResolvedNode): string => {
  const content = planSeed(sampleProfile({ nodes: [node] }), node).files.find(
    ({ path }) => path === 'appliance/node.conf',
  )?.content
  return content?.kind === 'text' ? content.text : ''
}

const lan = { name: 'eth0', address: '192.168.10.11/24', cluster: true }

test('a file for each interface; DHCP beside a static gateway brings none', () => {
  const node = nodeWith([
    { ...lan, gateway: '192.168.10.1', dns: ['192.168.10.1'] },
    { mac: '02:00:5E:10:00:01', dhcp: true },
  ])
  expect(files(node)).toEqual({
    '10-eth0.network':
      '[Match]\nName=eth0\n\n[Network]\nAddress=192.168.10.11/24\nGateway=192.168.10.1\nDNS=192.168.10.1\n',
    '10-02005e100001.network':
      '[Match]\nType=ether\nMACAddress=02:00:5e:10:00:01\n\n[Network]\nDHCP=ipv4\n\n[DHCPv4]\nUseGateway=no\n',
  })
})

test('one gateway of DHCP is taken: that of the cluster, else the first', () => {
  const taken = (...interfaces: Parameters<typeof nodeWith>[0]): readonly string[] =>
    Object.entries(files(nodeWith(interfaces))).flatMap(([name, text]) =>
      text.includes('DHCP=') && !text.includes('UseGateway=no') ? [name] : [],
    )
  expect(taken({ name: 'eth0' }, { name: 'eth1', cluster: true })).toEqual(['10-eth1.network'])
  expect(taken(lan, { name: 'eth1' }, { name: 'eth2' })).toEqual(['10-eth1.network'])
})

test('the interface of the cluster gives k3s its addresses and flannel its way', () => {
  const node = nodeWith([{ name: 'eth1', address: '10.0.0.5/24', gateway: '10.0.0.1' }, lan])
  const profile = sampleProfile({ nodes: [node] })
  expect(planK3sConfig(profile, node)).toMatchObject({
    'node-ip': '192.168.10.11',
    'advertise-address': '192.168.10.11',
    'flannel-iface': 'eth0',
  })
  expect(confOf(node)).toContain("ADDRESSES='192.168.10.11/24'\n")
  expect(confOf(node)).not.toContain('CLUSTER_MAC')
})

test('a hardware address is for the launcher, which knows the name', () => {
  const node = nodeWith([{ mac: '02:00:5E:10:00:01', address: '192.168.10.11/24' }])
  const profile = sampleProfile({ nodes: [node] })
  expect(planK3sConfig(profile, node)).not.toHaveProperty('flannel-iface')
  expect(confOf(node)).toContain("CLUSTER_MAC='02:00:5e:10:00:01'\n")
  const own = { ...node, k3s: { 'flannel-iface': 'eth7' } }
  expect(confOf(own)).not.toContain('CLUSTER_MAC')
  expect(planK3sConfig(profile, own)).toMatchObject({ 'flannel-iface': 'eth7' })
})
