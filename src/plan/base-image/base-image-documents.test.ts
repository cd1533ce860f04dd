import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createTestHost } from '../../host/testing.ts'
import { readTemplates } from '../../render/read-templates.ts'
import { createRenderer } from '../../render/renderer.ts'
import type { LockedBaseImage } from '../../resolve/base-image/locked-base-image.ts'
import {
  sampleBaseImage,
  sampleCoreosImage,
  sampleFlatcarImage,
  sampleMicroosImage,
  samplePiImage,
} from '../../resolve/base-image/testing.ts'
import type { ResolvedInterface, ResolvedProfile } from '../../resolve/resolved-profile.ts'
import { cloudConfigText } from '../provisioning/cloud-config.ts'
import { planDocuments } from '../provisioning/documents.ts'
import { networkConfigText } from '../provisioning/network-config.ts'
import type { Renderer } from '../renderer.ts'
import { planSeed } from '../seed-files.ts'
import { sampleNode, sampleProfile } from '../testing.ts'
import {
  baseImageOf,
  ignitionBaseOf,
  planBaseImageFiles,
  planBaseImageProvisioning,
} from './base-image-provisioning.ts'
import { baseImageTemplates } from './base-image-tree.ts'

const templates = resolve(import.meta.dirname, '../../../templates')
const profile = sampleProfile()
let renderer: Renderer
beforeAll(async () => {
  const host = createTestHost()
  renderer = createRenderer(await readTemplates(host.files, templates))
  await host.close()
})

const documentsOf = (name: string): ReadonlyMap<string, string> => {
  const node = sampleNode(profile, name)
  const files = planBaseImageFiles(renderer, baseImageOf(sampleBaseImage), profile.epoch)
  const documents = planDocuments(
    profile,
    node,
    planBaseImageProvisioning(profile, node, sampleBaseImage, files),
  )
  return new Map(documents.map(({ path, content }) => [path, content.kind === 'text' ? content.text : '']))
}

interface WrittenFile {
  readonly path: string
  readonly permissions: string
  readonly content: string
}
const userData = (name: string) =>
  parse(documentsOf(name).get('user-data') ?? '') as {
    readonly write_files: readonly WrittenFile[]
    readonly runcmd: readonly (readonly string[])[]
  } & Readonly<Record<string, unknown>>

test('every file below templates/base-image is named, and no other', () => {
  const names = readdirSync(join(templates, 'base-image'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(templates, 'base-image/').length))
  expect(names.sort()).toEqual(baseImageTemplates.map(({ name }) => name).sort())
})

test('what a node lives by is written, and what only an initrd of our own can use is not', () => {
  const files = userData('oven-1').write_files
  const paths = files.map(({ path }) => path)
  for (const path of [
    '/usr/lib/appliance/launcher',
    '/usr/lib/appliance/common.sh',
    '/usr/lib/appliance/disk',
    '/usr/lib/systemd/system/k3s.service',
    '/usr/lib/systemd/system/appliance-disk.service',
    '/etc/modules-load.d/appliance.conf',
  ])
    expect(paths).toContain(path)
  expect(paths.filter((path) => /dracut|cloud|preset|repart|var\.mount|modprobe\.d/.test(path))).toEqual([])
  expect(new Set(paths).size).toBe(paths.length)
  expect(files.find(({ path }) => path.endsWith('/launcher'))?.permissions).toBe('0755')
  expect(files.find(({ path }) => path.endsWith('/release'))?.content).toContain("BASE='debian 13'")
})

test('every unit that is enabled is written, and every program that is called', () => {
  const { write_files, runcmd } = userData('oven-1')
  const paths = write_files.map(({ path }) => path)
  const enabled =
    runcmd.find(([program, verb]) => program === 'systemctl' && verb === 'enable')?.slice(2) ?? []
  expect(enabled.length).toBeGreaterThan(5)
  for (const unit of enabled) expect(paths).toContain(`/usr/lib/systemd/system/${unit}`)
  expect(paths).toContain(runcmd.at(-2)?.[0])
})

test('a Raspberry Pi waits for nobody at its screen', () => {
  const bootCommands = (image: LockedBaseImage): readonly unknown[] =>
    (
      parse(
        cloudConfigText(planBaseImageProvisioning(profile, sampleNode(profile, 'oven-1'), image, []), {}),
      ) as { readonly bootcmd: readonly unknown[] }
    ).bootcmd
  const masks = ['systemctl', 'mask', '--now', '--no-block', 'userconfig.service']
  expect(bootCommands(samplePiImage)).toContainEqual(masks)
  expect(bootCommands(sampleBaseImage)).not.toContainEqual(masks)
})

test('the root keeps its size, and the name is told', () => {
  expect(userData('oven-1')).toMatchObject({
    hostname: 'oven-1',
    growpart: { mode: 'off' },
    resize_rootfs: false,
    manage_etc_hosts: 'localhost',
  })
})

test('another network is another instance for cloud-init', () => {
  const idOf = (name: string) =>
    (parse(documentsOf(name).get('meta-data') ?? '') as { 'instance-id': string })['instance-id']
  expect(idOf('bakery-1')).not.toBe(idOf('oven-1'))
})

const wired = (network: ResolvedInterface['network']): ResolvedInterface => ({
  match: { kind: 'wired' },
  cluster: true,
  network,
  takesGateway: true,
})
const fixed = {
  kind: 'static',
  addresses: ['192.168.10.11/24', 'fd00::11/64'],
  gateways: ['192.168.10.1'],
  dns: ['192.168.10.1'],
} as const

test.each<[string, readonly ResolvedInterface[], object]>([
  ['DHCP', [wired({ kind: 'dhcp' })], { wired: { match: { name: 'e*' }, optional: true, dhcp4: true } }],
  [
    'fixed addresses',
    [wired(fixed)],
    {
      wired: {
        match: { name: 'e*' },
        optional: true,
        addresses: ['192.168.10.11/24', 'fd00::11/64'],
        routes: [{ to: 'default', via: '192.168.10.1' }],
        nameservers: { addresses: ['192.168.10.1'] },
      },
    },
  ],
  [
    'several interfaces, of which one is the way out',
    [
      { ...wired(fixed), match: { kind: 'mac', mac: '52:54:00:00:00:01' } },
      { ...wired({ kind: 'dhcp' }), match: { kind: 'name', name: 'enp2s0' }, takesGateway: false },
    ],
    {
      mac525400000001: {
        match: { macaddress: '52:54:00:00:00:01' },
        optional: true,
        addresses: ['192.168.10.11/24', 'fd00::11/64'],
        routes: [{ to: 'default', via: '192.168.10.1' }],
        nameservers: { addresses: ['192.168.10.1'] },
      },
      enp2s0: {
        match: { name: 'enp2s0' },
        optional: true,
        dhcp4: true,
        'dhcp4-overrides': { 'route-metric': 4096 },
      },
    },
  ],
])('network-config: %s', (_, interfaces, ethernets) => {
  expect(parse(networkConfigText(interfaces))).toEqual({ version: 2, ethernets })
})

interface IgnitionDocument {
  readonly ignition: { readonly version: string }
  readonly passwd: {
    readonly users: readonly { readonly name: string; readonly groups?: readonly string[] }[]
  }
  readonly storage: {
    readonly filesystems?: readonly object[]
    readonly files: readonly { readonly path: string; readonly mode: number }[]
    readonly links: readonly { readonly path: string; readonly target: string }[]
  }
  readonly systemd: { readonly units: readonly { readonly name: string; readonly enabled: boolean }[] }
}
const ignitionOn = (image: LockedBaseImage): IgnitionDocument => {
  const own: ResolvedProfile = { ...profile, provision: 'ignition' }
  const node = sampleNode(own, 'bakery-1')
  const files = planBaseImageFiles(renderer, baseImageOf(image), own.epoch)
  const provisioning = planBaseImageProvisioning(own, node, image, files)
  const [document, ...others] = planDocuments(own, node, provisioning, ignitionBaseOf(image))
  if (document?.content.kind !== 'text' || others.length > 0) throw new Error('one document was expected')
  return JSON.parse(document.content.text) as IgnitionDocument
}

test('Ignition on Fedora CoreOS: every path once, what is enabled is written, NetworkManager and chrony are told', () => {
  const { ignition, storage, systemd } = ignitionOn(sampleCoreosImage)
  expect(ignition.version).toBe('3.4.0')
  const paths = [...storage.files, ...storage.links].map(({ path }) => path)
  expect(new Set(paths).size).toBe(paths.length)
  for (const { name, enabled } of systemd.units) {
    expect(enabled).toBe(true)
    expect(paths).toContain(`/etc/systemd/system/${name}`)
  }
  expect(systemd.units.map(({ name }) => name)).toContain('appliance-disk.service')
  const modes = new Map(storage.files.map(({ path, mode }) => [path, mode]))
  expect(modes.get('/etc/NetworkManager/system-connections/wired.nmconnection')).toBe(0o600)
  expect(modes.get('/etc/chrony.conf')).toBe(0o644)
  expect(modes.get('/etc/hostname')).toBe(0o644)
  expect(storage.links).toContainEqual({
    path: '/usr/local/bin/k3s',
    target: '/var/appliance/payload/bin/k3s',
    overwrite: true,
  })
})

test('Ignition on Flatcar: its own places, and files for networkd', () => {
  const { ignition, storage } = ignitionOn(sampleFlatcarImage)
  expect(ignition.version).toBe('3.3.0')
  const paths = storage.files.map(({ path }) => path)
  expect(paths).toContain('/opt/appliance/bin/launcher')
  expect(paths).toContain('/etc/systemd/network/10-wired.network')
  expect(paths.filter((path) => /NetworkManager|chrony/.test(path))).toEqual([])
  expect(storage.links).toContainEqual({ path: '/opt/bin/k3s', target: '/payload/bin/k3s', overwrite: true })
})

test('Ignition on openSUSE MicroOS: by the seed, with the subvolumes that something is written to', () => {
  const { ignition, storage, passwd } = ignitionOn(sampleMicroosImage)
  expect(ignition.version).toBe('3.4.0')
  const mount = { format: 'btrfs', wipeFilesystem: false }
  expect(storage.filesystems).toEqual([
    {
      ...mount,
      path: '/usr/local',
      device: '/dev/disk/by-uuid/7f0a7c62',
      mountOptions: ['subvol=/@/usr/local'],
    },
    { ...mount, path: '/home', device: '/dev/disk/by-label/ROOT', mountOptions: ['subvol=/@/home'] },
  ])
  const paths = storage.files.map(({ path }) => path)
  expect(paths).toContain('/usr/local/appliance/bin/launcher')
  expect(paths).toContain('/etc/NetworkManager/system-connections/wired.nmconnection')
  expect(passwd.users.flatMap(({ groups = [] }) => groups)).toEqual(['systemd-journal'])
  expect(ignitionOn(sampleCoreosImage).storage).not.toHaveProperty('filesystems')
})

test('the seed of openSUSE MicroOS has the label and the place that its Ignition looks for', () => {
  const base = { ...profile.base, image: sampleMicroosImage }
  const own: ResolvedProfile = { ...profile, provision: 'ignition', base }
  const node = sampleNode(own, 'bakery-1')
  const documents = planDocuments(own, node, undefined, ignitionBaseOf(sampleMicroosImage))
  const seed = planSeed(own, node, { documents })
  expect(seed.label).toBe('ignition')
  expect(seed.documents.map(({ path }) => path)).toEqual(['ignition/config.ign'])
})
