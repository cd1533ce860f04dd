import { afterAll, beforeAll, expect } from 'vitest'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { layBaseImage } from '../support/base-images.ts'
import type { Running } from '../support/lab.ts'
import { factsOf, openWorkspaceLab, switchOff, switchOn, untilReady } from '../support/lab.ts'
import { slow as test } from '../support/slow-test.ts'
import type { KeyPair } from '../support/ssh.ts'
import { keyPairIn, runOn } from '../support/ssh.ts'
import { buildWorkspace } from '../support/workspace.ts'

const ssid = 'Café "№1" #'
// What shells, quotes and comments would stumble over.
const passphrase = `it's "#1" \\ $HOME`
let host: NodeHost
let key: KeyPair

/** A node with a radio that is on, reached by its cable. */
interface Site {
  readonly node: Running
  readonly run: (command: string) => Promise<string>
}

beforeAll(async () => {
  process.env['TEST_WIFI_PSK'] = passphrase
  host = createNodeHost()
  key = await keyPairIn('out/boot-tests/wifi')
})

afterAll(async () => {
  await host.close()
})

/** Builds the profile of that name, starts its node, and closes everything when `use` is done. */
const withSite = async (
  { profile, name, address, prepare }: SiteRequest,
  use: (site: Site) => Promise<void>,
): Promise<void> => {
  const workspace = await buildWorkspace(profile, (text) => text.replace('KEY', key.publicKey), prepare)
  const lab = await openWorkspaceLab(host, workspace)
  try {
    const node = await switchOn(lab, name)
    await untilReady(host, lab, workspace.imageDirectory, node, address)
    await use({ node, run: (command) => runOn(lab, address, key, command) })
    await switchOff([node])
  } finally {
    await lab.close()
  }
}

interface SiteRequest {
  readonly profile: string
  readonly name: string
  /** Of its cable. */
  readonly address: string
  readonly prepare?: (folder: string) => Promise<void>
}

/** The second of two radios that hear each other, in a network name space of its own. */
const becomeAccessPoint = [
  'sudo modprobe mac80211_hwsim radios=2',
  'until [ -e /sys/class/net/wlan1/phy80211/name ]; do sleep 1; done',
  'sudo udevadm settle',
  'sudo ip netns add ap',
  'sudo iw phy "$(cat /sys/class/net/wlan1/phy80211/name)" set netns name ap',
].join(' && ')

const hex = (text: string): string => Buffer.from(text, 'utf8').toString('hex')

const accessPoint = (security: readonly string[]): string => {
  const lines = [
    ...['interface=wlan1', 'driver=nl80211', 'hw_mode=g', 'channel=1', 'country_code=DE'],
    ...[`ssid2=${hex(ssid)}`, 'ignore_broadcast_ssid=1', 'wpa=2', 'rsn_pairwise=CCMP', ...security],
  ]
  const text = Buffer.from(`${lines.join('\n')}\n`, 'utf8').toString('base64')
  return [
    `echo ${text} | base64 -d | sudo tee /run/ap.conf >/dev/null`,
    'sudo ip netns exec ap hostapd -B -P /run/ap.pid /run/ap.conf',
    'sudo ip -n ap address replace 192.168.40.1/24 dev wlan1',
  ].join(' && ')
}

/**
 * Says `reached` when packets come back, and what the radio is at; `found`, when the access point, which knows no other way,
 * finds the node by the address of its radio.
 */
const untilJoined = (address: string): string =>
  [
    'for try in $(seq 60); do sudo ping -q -c 1 -W 2 -I wlan0 192.168.40.1 >/dev/null 2>&1 && echo reached && break; sleep 1; done',
    `sudo ip netns exec ap ping -q -c 1 -W 5 ${address} >/dev/null && echo found`,
    'sudo iw dev wlan0 link',
    'ip -brief address show dev wlan0',
    'sudo iw reg get',
  ].join('; ')

/** Lines of the journal with a part of the passphrase, whether quotes in it are escaped or not. HOME alone is in the kernel's, too. */
const linesWithPassphrase = `sudo journalctl -b | grep -E '"#1|[$]HOME' || :`

/** The radio, at this address, joins by either way that the access point may have. */
const prove = async ({ run, node }: Site, address: string, secretFile: string): Promise<void> => {
  await run(becomeAccessPoint)
  for (const security of [
    ['wpa_key_mgmt=WPA-PSK', `wpa_passphrase=${passphrase}`],
    ['wpa_key_mgmt=SAE', `sae_password=${passphrase}`, 'ieee80211w=2'],
  ]) {
    await run(accessPoint(security))
    const seen = await run(untilJoined(address))
    for (const wanted of ['reached', 'found', 'Connected to', `${address}/24`, 'country DE'])
      expect(seen, `${security[0]}, ${wanted}`).toContain(wanted)
    await run('sudo kill "$(cat /run/ap.pid)"; until ! pgrep -x hostapd >/dev/null; do sleep 1; done')
  }
  expect((await run(`sudo stat -c "%a %U" ${secretFile}`)).trim()).toBe('600 root')
  expect(await run(linesWithPassphrase)).toBe('')
  const facts = await factsOf(node)
  expect(facts.get('failed-units')?.trim()).toBe('')
  expect(facts.get('cloud-secrets')?.trim()).toBe('0')
  // The cable has an address, so that the cluster uses it.
  expect(facts.get('k3s-config')).not.toContain('flannel-iface')
}

test('a radio joins a hidden network with an odd name and passphrase, by WPA2 and by WPA3', async () => {
  await withSite({ profile: 'wifi', name: 'radio-1', address: '192.168.30.11' }, (site) =>
    prove(site, '192.168.40.11', '/etc/wpa_supplicant/appliance.conf'),
  )
})

test('so does the radio of a card like that of Raspberry Pi OS, blocked until now, by its NetworkManager', async () => {
  const request = { profile: 'wifi-base-image', name: 'radio-2', address: '192.168.30.12' }
  await withSite({ ...request, prepare: layBaseImage('boards') }, async (site) => {
    expect((await site.run('cat /sys/module/rfkill/parameters/default_state')).trim()).toBe('0')
    await prove(site, '192.168.40.12', '/etc/NetworkManager/system-connections/appliance-radio.nmconnection')
  })
})
