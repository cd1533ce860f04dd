import { expect, test } from 'vitest'
import { mergeDefaults } from '../profile/effective-node.ts'
import type { Profile, ProfileNode } from '../profile/schema.ts'
import type { BoardRecipe } from '../recipes/recipe.ts'
import { resolveNode } from './defaults.ts'
import type { ResolvedNode } from './resolved-profile.ts'

const board: BoardRecipe = {
  name: 'pi',
  title: 'a board',
  architecture: 'arm64',
  firmware: 'uefi',
  kernelArguments: [],
  wirelessPackages: [],
  watchdog: 'bcm2835_wdt',
  qemu: { machine: 'virt', cpu: 'max' },
}

const resolved = (
  defaults: Profile['defaults'],
  node: Partial<ProfileNode>,
  recipe: BoardRecipe = board,
): ResolvedNode => {
  const [merged] = mergeDefaults({
    apiVersion: 'appliance/v1alpha1',
    cluster: { name: 'lab', k3s: { version: 'v1.33.1+k3s1' } },
    ...(defaults === undefined ? {} : { defaults }),
    nodes: [{ name: 'lab-1', role: 'agent', ...node }],
    access: { users: [] },
  })
  if (merged === undefined) throw new Error('no node')
  return resolveNode(merged, recipe, { k3s: {}, kernel: 'stable-4k' })
}

const wifi = { ssid: 'bakery', psk: { env: 'WIFI_PSK' }, country: 'DE' } as const
const shape = ({ interfaces, network }: ResolvedNode) => ({
  network: network.kind === 'static' ? network.addresses : 'dhcp',
  interfaces: interfaces.map(({ match, cluster, network: own }) =>
    [match.kind, own.kind, ...(cluster ? ['cluster'] : [])].join(' '),
  ),
})

test('cable and radio under DHCP: the cable goes first', () => {
  expect(shape(resolved(undefined, { network: { wifi } }))).toEqual({
    network: 'dhcp',
    interfaces: ['wired dhcp cluster', 'radio dhcp'],
  })
})

test('a radio with an address, of which the network is told for all, is the interface of the cluster', () => {
  const node = resolved(
    { network: { wifi: { ...wifi, gateway: '192.168.40.1' } } },
    { network: { wifi: { address: '192.168.40.7/24' } } },
  )
  expect(shape(node)).toEqual({
    network: ['192.168.40.7/24'],
    interfaces: ['wired dhcp', 'radio static cluster'],
  })
  expect(node.wifi).toEqual({
    ssid: 'bakery',
    psk: { at: 'defaults.network.wifi.psk', source: { env: 'WIFI_PSK' } },
    country: 'DE',
    hidden: false,
  })
})

test('a cable with an address is, whatever the radio has', () => {
  const own = { address: '192.168.10.7/24', wifi: { ...wifi, address: '192.168.40.7/24' } }
  expect(shape(resolved(undefined, { network: own }))).toEqual({
    network: ['192.168.10.7/24'],
    interfaces: ['wired static cluster', 'radio static'],
  })
  const two = { interfaces: [{ name: 'eth0', cluster: true }, { name: 'eth1' }], wifi }
  expect(shape(resolved(undefined, { network: two })).interfaces).toEqual([
    'name dhcp cluster',
    'name dhcp',
    'radio dhcp',
  ])
})

test('watchdog: of the board, as asked, or none', () => {
  expect(resolved(undefined, {}).watchdog).toEqual({ seconds: 30, module: 'bcm2835_wdt' })
  expect(resolved({ watchdog: '2m' }, {}).watchdog).toEqual({ seconds: 124, module: 'bcm2835_wdt' })
  expect(resolved({ watchdog: '2m' }, { watchdog: false }).watchdog).toBeNull()
  const { watchdog: _, ...unknown } = board
  expect(resolved(undefined, {}, unknown).watchdog).toBeNull()
  expect(resolved(undefined, { watchdog: '1m' }, unknown).watchdog).toEqual({ seconds: 60, module: null })
})
