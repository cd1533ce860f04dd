import { expect, test } from 'vitest'
import type { BaseConfiguration, BasePartition } from '../../base-image/locked-base-image.ts'
import { sampleBaseImage, sampleCoreosImage } from '../../base-image/testing.ts'
import { lookAtRoot } from './look-at-root.ts'
import type { TinyFiles } from './testing.ts'
import { readerOf, tinyRoot } from './testing.ts'

const cidata: BaseConfiguration = { way: 'cidata' }
const bootFilesWith = (text: string): BaseConfiguration => ({
  way: 'boot-files',
  partition: 1,
  commandLines: [{ path: 'cmdline.txt', text }],
})
const bootFiles = bootFilesWith('root=LABEL=rootfs')

/** What is found in a root with these files more, and without those. */
const foundIn = (
  more: TinyFiles,
  {
    configuration = cidata,
    partitions = sampleBaseImage.partitions,
    without = [],
  }: {
    readonly configuration?: BaseConfiguration
    readonly partitions?: readonly BasePartition[]
    readonly without?: readonly string[]
  } = {},
) => {
  const files = Object.entries(tinyRoot('arm64', more)).filter(([path]) => !without.includes(path))
  return lookAtRoot(readerOf(Object.fromEntries(files)), partitions, configuration)
}
const started = (name: string): TinyFiles => ({
  [`etc/systemd/system/multi-user.target.wants/${name}`]: '',
})

test('what only some profiles ask for is written down where it is lacking', async () => {
  expect(await foundIn({})).toEqual({})
  const without = ['nft', 'sshd', 'sudo'].map((name) => `usr/sbin/${name}`)
  expect(await foundIn({}, { without: [...without, 'usr/lib/systemd/systemd-timesyncd'] })).toEqual({
    lacks: ['nft', 'sshd', 'sudo', 'time'],
  })
})

test('chrony is a client of time servers; its settings are found where it starts', async () => {
  const without = ['usr/lib/systemd/systemd-timesyncd']
  const debian = { 'usr/sbin/chronyd': '', 'etc/chrony/chrony.conf': 'pool 2.debian.pool.ntp.org\n' }
  expect(await foundIn(debian, { without })).toEqual({})
  expect(await foundIn({ ...debian, ...started('chrony.service') }, { without })).toEqual({
    chrony: '/etc/chrony/chrony.conf',
  })
  const other = { 'usr/sbin/chronyd': '', 'etc/chrony.conf': '', ...started('chronyd.service') }
  expect(await foundIn(other, { without })).toEqual({ chrony: '/etc/chrony.conf' })
})

test('NetworkManager is told of where it starts, with and without a radio', async () => {
  const program = { 'usr/sbin/NetworkManager': '' }
  expect(await foundIn(program)).toEqual({})
  expect(await foundIn({ ...program, ...started('NetworkManager.service') })).toEqual({
    networkManager: true,
  })
})

test('a base without a program that every node calls', async () => {
  expect(await foundIn({}, { without: ['usr/sbin/curl'] })).toMatchObject({
    code: 'L0082',
    message: 'the base image lacks curl, without which a node does not work',
  })
})

const release = '6.12.48+deb13-arm64'
const kernelWith = (
  modules: readonly string[],
  builtIn: readonly string[] = [],
  name = release,
): TinyFiles => ({
  [`usr/lib/modules/${name}/modules.dep`]: modules
    .map((module) => `kernel/net/${module}.ko.xz: kernel/net/other.ko.xz\n`)
    .join(''),
  [`usr/lib/modules/${name}/modules.builtin`]: builtIn.map((module) => `kernel/fs/${module}.ko\n`).join(''),
})
const allModules = ['br_netfilter', 'nf_conntrack', 'overlay', 'squashfs', 'vxlan']

test('modules are found as files and built in, in any of the kernels; none is missed where nothing lists them', async () => {
  expect(await foundIn(kernelWith(allModules, ['loop']))).toEqual({})
  expect(
    await foundIn({
      ...kernelWith(['br-netfilter', 'overlay'], ['loop']),
      ...kernelWith(['nf_conntrack', 'squashfs', 'vxlan'], [], '6.12.48-other'),
    }),
  ).toEqual({})
  expect(await foundIn({ 'usr/lib/modules/6.12/kernel/fs/ext4.ko': '' })).toEqual({})
})

test('a module that no kernel has', async () => {
  expect(await foundIn(kernelWith(allModules.slice(1)))).toMatchObject({
    code: 'L0092',
    message: 'no kernel of the base image has br_netfilter, loop',
  })
  // As Ubuntu's kernel for Raspberry Pis without linux-modules-extra.
  expect(await foundIn(kernelWith(allModules.slice(0, 4), ['loop']))).toEqual({ lacks: ['vxlan'] })
})

const appArmor = 'CONFIG_SECURITY_APPARMOR=y\n'
const debianOrder =
  'CONFIG_LSM="landlock,lockdown,yama,loadpin,safesetid,integrity,apparmor,selinux,smack,tomoyo,bpf"\n'
const configured = (config: string, path = `boot/config-${release}`): TinyFiles => ({
  ...kernelWith(allModules, ['loop']),
  [path]: config,
})
const lacksParser = { code: 'L0082', message: expect.stringMatching(/lacks apparmor_parser,/) }

test.each([
  ['Debian', appArmor + debianOrder, true],
  ['before 5.1', `${appArmor}CONFIG_DEFAULT_SECURITY_APPARMOR=y\n`, true],
  [
    'Raspberry Pi OS',
    `${appArmor}CONFIG_LSM="landlock,lockdown,yama,loadpin,safesetid,integrity,bpf"\n`,
    false,
  ],
  ['SELinux first', `${appArmor}CONFIG_LSM="lockdown,selinux,apparmor,bpf"\n`, false],
  ['without it', debianOrder, false],
] as const)(
  'apparmor_parser is needed where the kernel has AppArmor on: %s',
  async (_name, config, needed) => {
    expect(await foundIn(configured(config))).toEqual(needed ? expect.objectContaining(lacksParser) : {})
    const parser = { 'usr/sbin/apparmor_parser': '' }
    expect(await foundIn({ ...configured(config), ...parser })).toEqual({})
  },
)

test('apparmor_parser is not asked for where a command line has the last word', async () => {
  const config = configured(appArmor + debianOrder)
  const grub = { 'boot/grub/grub.cfg': 'linux /vmlinuz root=LABEL=rootfs apparmor=0\n' }
  expect(await foundIn({ ...config, ...grub })).toEqual({})
  const commandLine = 'root=LABEL=rootfs security=selinux'
  expect(await foundIn(config, { configuration: bootFilesWith(commandLine) })).toEqual({})
  expect(await foundIn(config, { configuration: bootFiles })).toMatchObject(lacksParser)
  // Where Fedora and openSUSE have it.
  const elsewhere = configured(appArmor + debianOrder, `usr/lib/modules/${release}/config`)
  expect(await foundIn(elsewhere)).toMatchObject(lacksParser)
})

test.each([
  'etc/systemd/system/k3s.service',
  'usr/local/bin/k3s',
  'etc/rancher/node/password',
  'var/lib/rancher/k3s/server/token',
  'var/lib/kubelet/pki/kubelet.crt',
])('a k3s of the base is refused: %s', async (path) => {
  const refused = {
    code: 'L0090',
    message: expect.stringMatching(/^the base image has a k3s or Kubernetes of its own: /),
  }
  expect(await foundIn({ [path]: 'x' })).toMatchObject(refused)
  const { configuration } = sampleCoreosImage
  const withManager = { [path]: 'x', 'usr/sbin/NetworkManager': '' }
  expect(await foundIn(withManager, { configuration })).toMatchObject(refused)
})

const machineId = '0123456789abcdef0123456789abcdef\n'

test('a base with cloud-init that has been started is refused', async () => {
  expect(await foundIn({ 'etc/machine-id': machineId })).toMatchObject({
    code: 'L0085',
    message:
      'the base image has been started already: /etc/machine-id has a machine id, which all nodes would share',
    help: expect.stringMatching(/cloud-init clean --logs --machine-id/),
  })
  const bus = { 'etc/machine-id': '', 'var/lib/dbus/machine-id': machineId }
  expect(await foundIn(bus)).toMatchObject({ code: 'L0085' })
  expect(await foundIn({ 'var/lib/cloud/instances/i-1/boot-finished': '' })).toMatchObject({
    code: 'L0085',
    message: 'the base image has been started already: cloud-init has set it up (/var/lib/cloud/instances)',
  })
})

test.each(['', 'uninitialized\n'])(
  'an image to be copied is not taken for a started one: machine id `%s`',
  async (id) => {
    expect(await foundIn({ 'etc/machine-id': id, 'var/lib/dbus/machine-id': id })).toEqual({})
    expect(await foundIn({ 'etc/machine-id': id, 'var/lib/cloud/seed/README': '' })).toEqual({})
  },
)

const labelled = (label: string, fileSystem: string): readonly BasePartition[] =>
  sampleBaseImage.partitions.map((each) => (each.number === 15 ? { ...each, label, fileSystem } : each))

test.each([
  ['CIDATA', 'vfat'],
  ['cidata', 'iso9660'],
])('documents of the base under the label of the seed are refused: %s on %s', async (label, fileSystem) => {
  const partitions = labelled(label, fileSystem)
  expect(await foundIn({}, { partitions })).toMatchObject({
    code: 'L0091',
    message: `the base image has documents for cloud-init of its own: partition 15 is labelled ${label}`,
  })
  expect(await foundIn({}, { partitions, configuration: bootFiles })).toEqual({})
})

test('a label that NoCloud does not look for, or that it does not mount, is no seed', async () => {
  expect(await foundIn({}, { partitions: labelled('EFI', 'vfat') })).toEqual({})
  expect(await foundIn({}, { partitions: labelled('cidata', 'ext4') })).toEqual({})
})

test.each([cidata, bootFiles])('documents in the root of the base are refused', async (configuration) => {
  const folder = 'var/lib/cloud/seed/nocloud-net'
  const documents = { [`${folder}/meta-data`]: '', [`${folder}/user-data`]: '' }
  expect(await foundIn(documents, { configuration })).toMatchObject({ code: 'L0091' })
  expect(await foundIn({ [`${folder}/user-data`]: '' }, { configuration })).toEqual({})
})
