import { describe, expect, test } from 'vitest'
import type { ResolvedInterface, ResolvedNetwork, ResolvedNode } from '../resolve/resolved-profile.ts'
import { planK3sConfig } from './k3s-config.ts'
import { planSeed } from './seed-files.ts'
import { oneNetwork, sampleNode, sampleProfile } from './testing.ts'
import { wifiFile } from './wifi.ts'

const profile = sampleProfile()
const dhcp: ResolvedNetwork = { kind: 'dhcp' }
const fixed = (address: string): ResolvedNetwork => ({
  kind: 'static',
  addresses: [address],
  gateways: ['192.168.40.1'],
  dns: ['192.168.40.1'],
})
const psk = { at: 'defaults.network.wifi.psk', source: { env: 'WIFI_PSK' } } as const

const withRadio = (
  wired: ResolvedNetwork,
  radio: ResolvedNetwork,
  wifi: Partial<NonNullable<ResolvedNode['wifi']>> = {},
): ResolvedNode => {
  const cluster = wired.kind === 'dhcp' && radio.kind === 'static'
  const own: ResolvedInterface = { match: { kind: 'radio' }, cluster, network: radio, takesGateway: true }
  const cable = oneNetwork(wired).interfaces.map((each) => ({ ...each, cluster: !cluster }))
  return {
    ...sampleNode(profile, 'oven-1'),
    network: cluster ? radio : wired,
    interfaces: [...cable, own],
    wifi: { ssid: 'bakery', psk, country: 'DE', hidden: false, ...wifi },
  }
}

const seedOf = (node: ResolvedNode) => planSeed(profile, node)
const fileOf = (node: ResolvedNode, target: string) =>
  seedOf(node).install.find((entry) => entry.target === target)
const textOf = (node: ResolvedNode, target: string): string => {
  const content = fileOf(node, target)?.content
  if (content?.kind === 'text') return content.text
  return content?.kind === 'composed'
    ? content.parts
        .map((part) => (typeof part === 'string' ? part : `<${part.as} ${part.secret.at}>`))
        .join('')
    : ''
}
const nodeConf = (node: ResolvedNode): string => {
  const content = seedOf(node).files.find(({ path }) => path === 'appliance/node.conf')?.content
  return content?.kind === 'text' ? content.text : ''
}

test('the passphrase is a reference in a closed file; the country stands before the network', () => {
  const node = withRadio(dhcp, dhcp, { ssid: 'Café "№1" #' })
  expect(fileOf(node, wifiFile)?.mode).toBe(0o600)
  const text = textOf(node, wifiFile)
  const name = Buffer.from('Café "№1" #', 'utf8').toString('hex')
  expect(text).toBe(
    `country=DE\nsae_pwe=2\n\nnetwork={\n\tssid=${name}\n\tproto=RSN\n\tieee80211w=1\n<wifi-key defaults.network.wifi.psk>}\n`,
  )
  expect(JSON.stringify(seedOf(node))).toContain('"env":"WIFI_PSK"')
})

test('a hidden network is asked for by its name', () => {
  expect(textOf(withRadio(dhcp, dhcp, { hidden: true }), wifiFile)).toContain('\n\tscan_ssid=1\n')
})

test('nodes without a radio in their profile get nothing of it', () => {
  const node = sampleNode(profile, 'oven-1')
  expect(fileOf(node, wifiFile)).toBeUndefined()
  expect(fileOf(node, '/etc/systemd/network/20-radio.network')).toBeUndefined()
  expect(nodeConf(node)).not.toContain('RADIO')
})

describe('which interface is the one of the cluster', () => {
  test('a cable with an address', () => {
    expect(nodeConf(withRadio(fixed('192.168.10.21/24'), dhcp))).not.toContain('RADIO')
  })

  test('a radio with an address, where the cable has none', () => {
    const node = withRadio(dhcp, fixed('192.168.40.21/24'))
    expect(nodeConf(node)).toContain("RADIO='cluster'\n")
    expect(nodeConf(node)).toContain("ADDRESSES='192.168.40.21/24'\n")
    expect(planK3sConfig(profile, node)['node-ip']).toBe('192.168.40.21')
    expect(textOf(node, '/etc/systemd/network/20-radio.network')).toBe(
      '[Match]\nType=wlan\n\n[Network]\nAddress=192.168.40.21/24\nDNS=192.168.40.1\n\n[Route]\nGateway=192.168.40.1\nMetric=2048\n',
    )
  })

  test('known only on the node, where both are under DHCP; the cable goes first', () => {
    const node = withRadio(dhcp, dhcp)
    expect(nodeConf(node)).toContain("RADIO='spare'\n")
    expect(textOf(node, '/etc/systemd/network/20-radio.network')).toContain('RouteMetric=2048')
    expect(textOf(node, '/etc/systemd/network/10-wired.network')).toContain('DHCP=ipv4')
  })

  test('one that the user names', () => {
    const node = { ...withRadio(dhcp, dhcp), k3s: { 'flannel-iface': 'eth1' } }
    expect(nodeConf(node)).not.toContain('RADIO')
  })
})
