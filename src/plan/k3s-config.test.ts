import { expect, test } from 'vitest'
import type { ResolvedNetwork } from '../resolve/resolved-profile.ts'
import { apiUrl, planK3sConfig } from './k3s-config.ts'
import { sampleNode, sampleProfile } from './testing.ts'

const profile = sampleProfile()
const { cluster } = profile

const withConfig = (config: Readonly<Record<string, unknown>>) =>
  sampleProfile({ cluster: { ...cluster, config } })

test("lists of ours and of the user's are joined, each entry once", () => {
  const config = planK3sConfig(profile, sampleNode(profile, 'bakery-1'))
  expect(config).toMatchObject({
    'tls-san': ['api.example.com', 'bakery.example.com', 'bakery-1'],
    disable: ['servicelb', 'traefik'],
    'node-label': ['site=north', 'answer=yes', 'zone=shop'],
  })
  expect(config).not.toHaveProperty('node-taint')
})

test('keys for every node reach agents, server keys do not', () => {
  const config = planK3sConfig(profile, sampleNode(profile, 'oven-1'))
  expect(config).toMatchObject({
    'kubelet-arg': ['max-pods=60'],
    'node-taint': ['oven=hot:NoSchedule'],
    server: 'https://bakery.example.com:6443',
  })
  for (const key of ['tls-san', 'disable', 'agent-token-file', 'write-kubeconfig-mode', 'node-ip']) {
    expect(config).not.toHaveProperty(key)
  }
})

test.each([
  [{}, '192.168.10.11', '192.168.10.11'],
  [{ 'cluster-cidr': '10.42.0.0/16,fd00:42::/56' }, '192.168.10.11,fd00:10::11', '192.168.10.11'],
  [{ 'cluster-cidr': ['fd00:42::/56'] }, 'fd00:10::11', 'fd00:10::11'],
])('node addresses follow the families of the pod network: %j', (config, nodeIp, advertised) => {
  const changed = withConfig(config)
  expect(planK3sConfig(changed, sampleNode(changed, 'bakery-1'))).toMatchObject({
    'node-ip': nodeIp,
    'advertise-address': advertised,
  })
})

test('under DHCP k3s finds its address itself', () => {
  const network: ResolvedNetwork = { kind: 'dhcp' }
  const config = planK3sConfig(profile, { ...sampleNode(profile, 'bakery-1'), network })
  expect(config).not.toHaveProperty('node-ip')
  expect(config).not.toHaveProperty('advertise-address')
})

test.each([
  ['bakery.example.com', {}, 'https://bakery.example.com:6443'],
  ['fd00::1', { 'https-listen-port': 8443 }, 'https://[fd00::1]:8443'],
])('the address of the API: %s', (endpoint, config, url) => {
  expect(apiUrl(sampleProfile({ cluster: { ...cluster, endpoint, config } }))).toBe(url)
})

test('keys of one node come after those of the cluster: lists are added to, single values replaced', () => {
  const [server, agent] = profile.nodes
  if (server === undefined || agent === undefined) throw new Error('no nodes')
  const own = {
    'kubelet-arg': ['max-pods=30', 'v=2'],
    'tls-san': ['lan.example.com'],
    'flannel-iface': 'eth1',
  }
  expect(planK3sConfig(profile, { ...server, k3s: own })).toMatchObject({
    'kubelet-arg': ['max-pods=30', 'v=2'],
    'tls-san': ['api.example.com', 'lan.example.com', 'bakery.example.com', 'bakery-1'],
    'flannel-iface': 'eth1',
  })
  expect(planK3sConfig(profile, { ...agent, k3s: { 'node-external-ip': '10.0.0.2' } })).toMatchObject({
    'kubelet-arg': ['max-pods=60'],
    'node-external-ip': '10.0.0.2',
  })
})

test('what system-default-registry makes pods ask for is what every node names its imported images', () => {
  const own = withConfig({ 'system-default-registry': 'registry.example.com:5000' })
  for (const name of ['bakery-1', 'oven-1'])
    expect(planK3sConfig(own, sampleNode(own, name))).toMatchObject({
      'airgap-extra-registry': ['registry.example.com:5000'],
    })
  expect(planK3sConfig(profile, sampleNode(profile, 'bakery-1'))).not.toHaveProperty('airgap-extra-registry')
})
