import { beforeAll, expect, test } from 'vitest'
import { pinnedLock } from '../../cli/testing/pinned-profile.ts'
import { lineColumnOf } from '../../diagnostics/source-file.ts'
import { createTestHost } from '../../host/testing.ts'
import { validateProfile } from '../../profile/validate.ts'
import type { Recipes } from '../../recipes/read-recipes.ts'
import { shippedRecipes } from '../../recipes/testing.ts'
import { checkLock } from '../check-lock.ts'
import { profileInputs } from '../profile-inputs.ts'
import { checkBaseImage } from './check-base-image.ts'
import type { LockedBaseImage } from './locked-base-image.ts'
import { sampleBaseImage, sampleCoreosImage, sampleFlatcarImage } from './testing.ts'

let recipes: Recipes
beforeAll(async () => {
  recipes = await shippedRecipes(createTestHost().files)
})

const profileOf = (
  board: string,
  { more, k3s, user }: Readonly<Record<'k3s' | 'more' | 'user', string>>,
): string => `apiVersion: appliance/v1alpha1
cluster:
  name: lab
  k3s: { version: v1.33.1+k3s1${k3s} }
base: { image: { file: ./debian-13.qcow2 } }
defaults: { board: ${board} }
nodes:
  - { name: lab-1, role: server }
  - { name: lab-2, role: agent }
access:
  users:
    - { name: ops, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com]${user} }
${more}`

/** `CODE line [marked text] message; help`: what is wrong between a profile and its image, each once. */
const faultsOf = (
  image: Partial<LockedBaseImage>,
  { board = 'arm64-uefi', more = '', defaults = '', k3s = '', user = '' } = {},
): readonly string[] => {
  const text = profileOf(`${board}${defaults}`, { more, k3s, user })
  const [checked, faults] = validateProfile({ path: 'lab.yaml', text }, recipes)
  const inputs = checked === undefined ? undefined : profileInputs(checked, recipes)
  if (checked === undefined || inputs === undefined) throw new Error(JSON.stringify(faults))
  const pinned = pinnedLock(inputs)
  const lock = { ...pinned, base: { ...pinned.base, image: { ...sampleBaseImage, ...image } } }
  return [...checkLock(inputs, lock, checked.tree), ...checkBaseImage(checked, recipes, lock)].map(
    ({ code, message, help, range }) => {
      const line = range === undefined ? '' : lineColumnOf(range.file, range.start).line
      const marked = range === undefined ? '' : text.slice(range.start, range.end)
      return `'${code}' ${line} [${marked}] ${message}; ${help}`
    },
  )
}

test('an image for the boards and the front end of the profile is taken without a word', () => {
  expect(faultsOf({})).toEqual([])
  expect(faultsOf({}, { more: 'provision: cloud-init\n' })).toEqual([])
})

test('the kernel of an image is its own: also boards that none of Debian 13 drives take one', () => {
  expect(faultsOf({ starts: ['raspberry-pi'] }, { board: 'rpi5' })).toEqual([])
})

test('an image of another architecture is told at the board, once for all nodes', () => {
  expect(faultsOf({ architecture: 'amd64' })).toEqual([
    "'L0078' 6 [arm64-uefi] debian 13 is for amd64, and `arm64-uefi` is arm64; use an image for arm64, or boards of amd64",
  ])
})

test('an image that the firmware of the board does not start', () => {
  expect(faultsOf({}, { board: 'rpi4' })).toEqual([
    "'L0078' 6 [rpi4] debian 13 has no boot partition for a Raspberry Pi; use an image made for Raspberry Pis: it has config.txt and device trees (also below its os_prefix) on a FAT partition",
  ])
  expect(faultsOf({ starts: ['raspberry-pi'] })).toEqual([
    expect.stringMatching(/^'L0078' 6 \[arm64-uefi\] debian 13 has no boot loader/),
  ])
})

test('an image with the other front end', () => {
  expect(faultsOf({}, { more: 'provision: ignition\n' })).toEqual([
    "'L0081' 13 [ignition] debian 13 is configured by cloud-init; set `provision: cloud-init`",
  ])
})

test('an image whose front end is Ignition', () => {
  const { configuration, distribution } = sampleCoreosImage
  expect(faultsOf({ configuration, distribution }, { more: 'provision: ignition\n' })).toEqual([])
  expect(faultsOf({ configuration, distribution }, { more: 'provision: cloud-init\n' })).toEqual([
    "'L0081' 13 [cloud-init] fedora-coreos 41.20241027.3.0 is configured by Ignition; set `provision: ignition`",
  ])
  expect(faultsOf({ configuration, distribution: null })).toEqual([
    "'L0081' 5 [{ file: ./debian-13.qcow2 }] the base image is configured by Ignition; set `provision: ignition`",
  ])
})

test('an image whose config the user brings is built, with a warning', () => {
  const { configuration, distribution } = sampleFlatcarImage
  expect(faultsOf({ configuration, distribution }, { more: 'provision: ignition\n' })).toEqual([
    "'L0087' 5 [{ file: ./debian-13.qcow2 }] flatcar reads its configuration from a file system that cannot be written here: images are built without it; bring what `appliance render <profile> --node <name>` prints: as `config.ign` on the OEM partition, or by the platform",
  ])
  expect(faultsOf({ configuration, distribution })).toEqual([expect.stringMatching(/^'L0081' /)])
})

const wifi = ', network: { wifi: { ssid: lab, psk: { env: PSK }, country: DE } }'

test('an image that cannot join the wireless network of the profile is told where that stands, once for all nodes', () => {
  expect(faultsOf({ radio: 'network-manager' }, { defaults: wifi })).toEqual([])
  expect(faultsOf({ radio: 'networkd' }, { defaults: wifi })).toEqual([])
  expect(faultsOf({}, { defaults: wifi })).toEqual([
    "'L0082' 6 [{ ssid: lab, psk: { env: PSK }, country: DE }] debian 13 has nothing that joins a wireless network; install wpasupplicant in it, beside NetworkManager or netplan (names of Debian), and run `appliance lock`",
  ])
})

const firewall = 'site: { firewall: { nodes: [192.168.10.0/24] } }\n'

test('an image without what the profile asks of it is told where that stands', () => {
  const lacks = ['nft', 'sshd', 'sudo', 'time', 'vxlan'] as const
  const asking = { more: 'site: { firewall: { nodes: [192.168.10.0/24] }, ntp: [192.168.10.1] }\n' }
  expect(faultsOf({}, asking)).toEqual([])
  expect(faultsOf({ lacks }, asking)).toEqual([
    "'L0082' 13 [{ nodes: [192.168.10.0/24] }] debian 13 has no nft, and a node of it would be without its firewall; install nftables in it, and run `appliance lock`",
    expect.stringMatching(
      /^'L0082' 12 \[\[ssh-ed25519 .*\]\] debian 13 has no sshd, and nobody comes in by these keys; install openssh-server in it/,
    ),
    "'L0082' 13 [[192.168.10.1]] debian 13 has nothing that asks time servers: neither systemd-timesyncd nor chrony; install systemd-timesyncd in it, and run `appliance lock`",
    expect.stringMatching(
      /^'L0082' 5 .* debian 13 has no kernel module vxlan, and pods of two nodes would not reach each other; install linux-modules-extra/,
    ),
  ])
})

test('what the profile does not ask for may be lacking', () => {
  expect(faultsOf({ lacks: ['nft', 'sudo', 'time'] })).toEqual([])
  expect(faultsOf({ lacks: ['nft'] }, { more: firewall })).toHaveLength(1)
  expect(faultsOf({ lacks: ['vxlan'] }, { k3s: ', config: { flannel-backend: host-gw }' })).toEqual([])
  expect(faultsOf({ lacks: ['vxlan'] }, { k3s: ', config: { flannel-backend: vxlan }' })).toEqual([
    expect.stringMatching(/^'L0082' 4 \[vxlan\]/),
  ])
  expect(faultsOf({ lacks: ['sudo'] }, { user: ', sudo: true' })).toEqual([
    "'L0082' 12 [true] debian 13 has no sudo, and nobody becomes root; install sudo in it, and run `appliance lock`",
  ])
})

test('a lock of another image is outgrown', () => {
  expect(faultsOf({ source: './other.img' })).toEqual([
    "'L0004' 5 [{ image: { file: ./debian-13.qcow2 } }] the lock pins ./other.img; run `appliance lock lab.yaml`",
  ])
})
