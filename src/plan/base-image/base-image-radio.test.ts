import { expect, test } from 'vitest'
import type { LockedBaseImage } from '../../resolve/base-image/locked-base-image.ts'
import { sampleBaseImage, samplePiImage } from '../../resolve/base-image/testing.ts'
import type { ResolvedNetwork, ResolvedNode, ResolvedProfile } from '../../resolve/resolved-profile.ts'
import type { InstallEntry } from '../build-plan.ts'
import { changedCommandLine } from '../provisioning/kernel-arguments.ts'
import { planSeed } from '../seed-files.ts'
import { sampleNode, sampleProfile } from '../testing.ts'
import { wifiFile } from '../wifi.ts'
import { planBaseImageProvisioning } from './base-image-provisioning.ts'
import { radioArguments } from './base-image-radio.ts'

const psk = { at: 'defaults.network.wifi.psk', source: { env: 'WIFI_PSK' } } as const
const fixed: ResolvedNetwork = {
  kind: 'static',
  addresses: ['192.168.40.21/24'],
  gateways: ['192.168.40.1'],
  dns: ['192.168.40.1'],
}
const dhcp: ResolvedNetwork = { kind: 'dhcp' }

const nodeWith = (network: ResolvedNetwork): ResolvedNode => {
  const node = sampleNode(sampleProfile(), 'oven-1')
  return {
    ...node,
    interfaces: [
      ...node.interfaces,
      { match: { kind: 'radio' }, cluster: false, network, takesGateway: true },
    ],
    wifi: { ssid: 'Café', psk, country: 'DE', hidden: true },
  }
}
const profileOn = (image: LockedBaseImage): ResolvedProfile => {
  const profile = sampleProfile()
  return { ...profile, base: { ...profile.base, image } }
}
const seedOn = (image: LockedBaseImage, node = nodeWith(fixed)): ReadonlyMap<string, InstallEntry> =>
  new Map(
    planSeed(profileOn(image), node, { documents: [] }).install.map(
      (entry) => [entry.target, entry] as const,
    ),
  )
const textOf = (entry: InstallEntry | undefined): string => {
  if (entry?.content.kind === 'text') return entry.content.text
  if (entry?.content.kind !== 'composed') return ''
  return entry.content.parts
    .map((part) => (typeof part === 'string' ? part : `<${part.as} ${part.secret.at}>\n`))
    .join('')
}

const connection = '/etc/NetworkManager/system-connections/appliance-radio.nmconnection'
const countryFile = '/etc/modprobe.d/appliance-radio.conf'
const networkFile = '/etc/systemd/network/20-radio.network'
const pi = samplePiImage

test('for NetworkManager: a closed connection with the passphrase as a reference, for a radio of any name', () => {
  const seed = seedOn(pi)
  expect(seed.get(connection)?.mode).toBe(0o600)
  expect(textOf(seed.get(connection))).toBe(`[connection]
id=radio
type=wifi
autoconnect-retries=0

[wifi]
hidden=true
mode=infrastructure
ssid=67;97;102;195;169;

[wifi-security]
key-mgmt=wpa-psk
proto=rsn;
<wifi-keyfile defaults.network.wifi.psk>

[ipv4]
method=manual
address1=192.168.40.21/24
gateway=192.168.40.1
dns=192.168.40.1;

[ipv6]
method=auto
`)
  for (const target of [wifiFile, networkFile, countryFile]) expect(seed.has(target), target).toBe(false)
  expect(textOf(seedOn(pi, nodeWith(dhcp)).get(connection))).toContain('[ipv4]\nmethod=auto\n')
})

test('for networkd: what a base of our own has for it', () => {
  const seed = seedOn({ ...sampleBaseImage, radio: 'networkd' })
  expect(seed.get(wifiFile)?.mode).toBe(0o600)
  expect(textOf(seed.get(networkFile))).toMatch(
    /^\[Match\]\nType=wlan\n\n\[Network\]\nAddress=192\.168\.40\.21\/24\n/,
  )
  for (const target of [connection, countryFile]) expect(seed.has(target), target).toBe(false)
})

test('the country is a word of the command line that the base has, and else a setting of the kernel module', () => {
  const { commandLines } = pi.configuration.way === 'boot-files' ? pi.configuration : { commandLines: [] }
  const [commandLine] = commandLines.map(({ text }) => text)
  const changed = (line: string) =>
    changedCommandLine(
      line,
      radioArguments(
        {
          ...pi,
          configuration: {
            way: 'boot-files',
            partition: 1,
            commandLines: [{ path: 'cmdline.txt', text: line }],
          },
        },
        nodeWith(dhcp),
      ),
    )
  expect(changed(commandLine ?? '')).toBe(`${commandLine} cfg80211.ieee80211_regdom=DE\n`)
  expect(changed('root=/dev/a cfg80211.ieee80211_regdom=GB quiet')).toBe(
    'root=/dev/a quiet cfg80211.ieee80211_regdom=DE\n',
  )
  expect(changed('cfg80211.ieee80211_regdom=DE quiet')).toBe('cfg80211.ieee80211_regdom=DE quiet\n')
  const cloud: LockedBaseImage = { ...sampleBaseImage, radio: 'network-manager' }
  expect(radioArguments(cloud, nodeWith(dhcp))).toEqual({ present: [], absent: [] })
  expect(textOf(seedOn(cloud).get(countryFile))).toBe('options cfg80211 ieee80211_regdom=DE\n')
})

test('nothing of it where the profile has no wireless network', () => {
  const node = sampleNode(sampleProfile(), 'oven-1')
  const seed = seedOn(pi, node)
  for (const target of [connection, wifiFile, networkFile, countryFile]) expect(seed.has(target)).toBe(false)
  expect(planBaseImageProvisioning(profileOn(pi), node, pi, []).kernelArguments).toEqual({
    present: ['cgroup_enable=memory'],
    absent: ['resize'],
  })
})
