import { expect, test } from 'vitest'
import type { Profile } from '../profile/schema.ts'
import { resolveSite } from './defaults.ts'
import type { ResolvedNode } from './resolved-profile.ts'

const node = (name: string, network: ResolvedNode['network']): ResolvedNode => ({
  name,
  role: 'server',
  board: 'arm64-uefi',
  architecture: 'arm64',
  network,
  interfaces: [{ match: { kind: 'wired' }, cluster: true, network, takesGateway: true }],
  wifi: null,
  watchdog: null,
  k3s: {},
  labels: {},
  taints: [],
  bootstrapToken: null,
  kernel: 'stable-4k',
  pi: null,
  storage: { medium: 'ssd', sizeBytes: null },
})

const profile: Profile = {
  apiVersion: 'appliance/v1alpha1',
  cluster: {
    name: 'lab',
    vip: { address: '192.168.10.10' },
    k3s: {
      version: 'v1.33.1+k3s1',
      config: {
        'cluster-cidr': '10.42.0.0/16, fd00:42::/56',
        'service-cidr': ['10.43.0.0/16', 'fd00:43::/112'],
        'cluster-domain': 'lab.internal',
      },
    },
  },
  nodes: [],
  access: { users: [] },
  site: {
    proxy: { https: 'http://192.168.10.1:3128', noProxy: ['.example.com'] },
    firewall: { nodes: ['192.168.20.0/24'] },
  },
}

test('NO_PROXY of a dual-stack cluster: what is in it, by both families, and every way to its API', () => {
  const nodes = [
    node('lab-1', {
      kind: 'static',
      addresses: ['192.168.10.11/24', 'fd00:10::11/64'],
      gateways: [],
      dns: [],
    }),
    node('lab-2', { kind: 'dhcp' }),
  ]
  expect(resolveSite(profile, nodes, 'lab.example.com').proxy?.noProxy).toEqual([
    'localhost',
    '127.0.0.0/8',
    '::1',
    '10.42.0.0/16',
    'fd00:42::/56',
    '10.43.0.0/16',
    'fd00:43::/112',
    '.svc',
    '.lab.internal',
    'lab.example.com',
    '192.168.10.10',
    'lab-1',
    'lab-2',
    '192.168.10.0/24',
    'fd00:10::/64',
    '192.168.20.0/24',
    '.example.com',
  ])
})
