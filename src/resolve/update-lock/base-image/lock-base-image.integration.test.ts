import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NodeHost } from '../../../host/node-host.ts'
import { createNodeHost } from '../../../host/node-host.ts'
import { createArtifactStore } from '../../../materialise/artifact-store.ts'
import { baseDisk, diskName } from '../../../materialise/base-image/base-disk.ts'
import { expandImage } from '../../../materialise/base-image/expand-image.ts'
import { createBuiltStore } from '../../../materialise/built-store.ts'
import type { LockedBaseImage } from '../../base-image/locked-base-image.ts'
import type { PlacedProblem } from '../images/image-problem.ts'
import { lockBaseImage } from './lock-base-image.ts'
import { ubuntuPiPartitions } from './testing/ubuntu-card.ts'
import type { TinyFiles, TinyPartition } from './testing.ts'
import { cloudPartitions, dividedPartitions, makeTinyDisk, piPartitions, tinyRoot } from './testing.ts'

/** What `lock` makes of the files that people give as a base. */

let host: NodeHost
let folder: string
let cloud: string

beforeAll(async () => {
  host = createNodeHost({ offline: true })
  folder = await host.files.makeTemporaryDirectory('base-image-')
  cloud = join(folder, 'cloud.img')
  await makeTinyDisk(host, cloud, 'gpt', cloudPartitions())
})
afterAll(() => host.close())

const lock = (
  source: string,
  more: { readonly sha256?: string; readonly format?: LockedBaseImage['form'] } = {},
): Promise<LockedBaseImage | PlacedProblem> => {
  const artifacts = createArtifactStore(host, join(folder, 'cache'))
  const built = createBuiltStore(host, join(folder, 'cache'))
  return lockBaseImage(
    host,
    artifacts,
    { from: 'file', source, sha256: more.sha256 ?? null, format: more.format ?? null },
    {
      path: join(folder, source),
      expand: async (artifact, form) =>
        join(await baseDisk(host, { artifacts, built }, { artifact, form }), diskName),
      previous: null,
    },
  )
}

/** Code and message; or how it was taken. */
const problemOf = async (...of: Parameters<typeof lock>): Promise<readonly string[]> => {
  const found = await lock(...of)
  return 'code' in found ? [found.code, found.message] : ['taken', found.configuration.way]
}

const tiny = async (
  name: string,
  partitions: readonly TinyPartition[],
  label: 'gpt' | 'dos' = 'gpt',
): Promise<string> => {
  await makeTinyDisk(host, join(folder, name), label, partitions)
  return name
}

/** A copy of the cloud image with other bytes. */
const changed = async (name: string, bytes: Uint8Array, offset: number): Promise<string> => {
  const path = join(folder, name)
  await host.files.copy(cloud, path)
  const file = await host.files.open(path, 'update')
  await file.write(bytes, offset)
  await file.close()
  return name
}

const shortened = async (name: string, from: string, sizeBytes: number): Promise<string> => {
  await host.files.copy(join(folder, from), join(folder, name))
  await host.exec(['truncate', '--size', String(sizeBytes), join(folder, name)])
  return name
}

test('a cloud image in every form is the same disk, and what is in it is found without mounting it', async () => {
  await host.exec([
    'qemu-img',
    'convert',
    '-f',
    'raw',
    '-O',
    'qcow2',
    '-c',
    cloud,
    join(folder, 'cloud.qcow2'),
  ])
  for (const argv of [
    ['xz', '-k0', cloud],
    ['zstd', '-qk', cloud],
    ['gzip', '-k', cloud],
  ])
    await host.exec(argv)
  const forms = {
    'cloud.img': 'raw',
    'cloud.qcow2': 'qcow2',
    'cloud.img.xz': 'xz',
    'cloud.img.zst': 'zst',
    'cloud.img.gz': 'gz',
  }
  for (const [source, form] of Object.entries(forms)) {
    expect(await lock(source)).toMatchObject({
      source,
      form,
      diskBytes: 19 * 1024 ** 2,
      table: 'gpt',
      firstNumber: 16,
      architecture: 'arm64',
      starts: ['uefi'],
      distribution: { id: 'debian', version: '13' },
      configuration: { way: 'cidata' },
      partitions: [
        { number: 1, name: 'root', fileSystem: 'ext4', label: 'root', size: 8 * 1024 ** 2 },
        { number: 14, name: '', fileSystem: '' },
        { number: 15, name: 'esp', fileSystem: 'vfat' },
      ],
    })
  }
  // Of each the record is the hash of the disk, which of a raw image is the file's own.
  const built = createBuiltStore(host, join(folder, 'cache'))
  const disks = join(folder, 'cache/built/base-image')
  const expected = { sizeBytes: 19 * 1024 ** 2, sha256: await host.files.sha256(cloud) }
  const ids = await host.files.list(disks)
  expect(ids).toHaveLength(Object.keys(forms).length)
  for (const id of ids)
    expect((await built.manifest(join(disks, id))).files).toEqual({ [diskName]: expected })
})

test('a card of a Raspberry Pi reads its documents from the boot partition', async () => {
  expect(await lock(await tiny('pi.img', piPartitions(), 'dos'))).toMatchObject({
    table: 'mbr',
    firstNumber: 5,
    architecture: 'arm64',
    starts: ['raspberry-pi'],
    configuration: {
      way: 'boot-files',
      partition: 1,
      commandLines: [{ path: 'cmdline.txt', text: 'console=tty1 root=PARTUUID=1234abcd-02 rootwait resize' }],
    },
    partitions: [
      { type: '0c', label: 'bootfs' },
      { type: '83', label: 'rootfs' },
    ],
  })
})

test('Ubuntu for Raspberry Pis has kernel, device trees and command line below a prefix of config.txt', async () => {
  expect(await lock(await tiny('ubuntu-pi.img', ubuntuPiPartitions(), 'dos'))).toMatchObject({
    starts: ['raspberry-pi'],
    configuration: {
      way: 'boot-files',
      partition: 1,
      commandLines: [
        {
          path: 'current/cmdline.txt',
          text: 'console=tty1 root=LABEL=writable rootfstype=ext4 panic=10 rootwait fixrtc',
        },
      ],
    },
  })
})

test('a card with an extended partition takes ours at the end of its chain', async () => {
  expect(await lock(await tiny('divided.img', dividedPartitions(), 'dos'))).toMatchObject({
    table: 'mbr',
    firstNumber: 7,
    configuration: { way: 'boot-files', partition: 1 },
    partitions: [
      { number: 1, label: 'bootfs' },
      { number: 2, type: '05', fileSystem: '', label: '' },
      { number: 5, fileSystem: 'ext4', label: 'rootfs' },
      { number: 6, fileSystem: 'ext4', label: 'settings' },
    ],
  })
})

test('what would join a wireless network is found: NetworkManager that starts, networkd below netplan, or nothing', async () => {
  const programs = { 'usr/sbin/wpa_supplicant': '', 'usr/bin/nmcli': '', 'usr/sbin/NetworkManager': '' }
  const started = { 'etc/systemd/system/multi-user.target.wants/NetworkManager.service': '[Unit]\n' }
  const withRoot = (more: TinyFiles) => piPartitions(tinyRoot('arm64', more))
  const both = { ...programs, ...started }
  expect(await lock(await tiny('pi-radio.img', withRoot(both), 'dos'))).toMatchObject({
    radio: 'network-manager',
  })
  expect(await lock(await tiny('pi-off.img', withRoot(programs), 'dos'))).toMatchObject({ radio: 'networkd' })
  expect(await lock(await tiny('pi-none.img', withRoot({}), 'dos'))).not.toHaveProperty('radio')
})

test('a card with the kernel of the Raspberry Pi 5 has large pages there, unless its config.txt names another one', async () => {
  const cardWith = (boot: Readonly<Record<string, string>>) => piPartitions(tinyRoot('arm64'), boot)
  const both = { 'kernel_2712.img': 'kernel' }
  expect(await lock(await tiny('pi-5.img', cardWith(both), 'dos'))).toMatchObject({ largePages: true })
  const small = { ...both, 'config.txt': '[pi5]\nkernel=kernel8.img\n' }
  expect(await lock(await tiny('pi-5-small.img', cardWith(small), 'dos'))).not.toHaveProperty('largePages')
})

/** As Fedora CoreOS: its system is on a file system that nothing here reads. */
const coreosPartitions = (boot: TinyFiles): readonly TinyPartition[] => [
  ...cloudPartitions().slice(0, 2),
  { line: 'type=linux, name=boot', fileSystem: 'ext4', label: 'boot', number: 3, files: boot },
]
const bootEntry = (title: string): TinyFiles => ({
  'loader.1/entries/ostree-1.conf': `title ${title}\nversion 1\noptions ignition.platform.id=metal\n`,
})

test('Fedora CoreOS reads a file of its boot file system, which also tells its release', async () => {
  const boot = { 'ignition.firstboot': '', ...bootEntry('Fedora CoreOS 41.20241027.3.0 (ostree:0)') }
  expect(await lock(await tiny('coreos.img', coreosPartitions(boot)))).toMatchObject({
    architecture: 'arm64',
    distribution: { id: 'fedora-coreos', version: '41.20241027.3.0' },
    configuration: {
      way: 'ignition-file',
      partition: 3,
      path: '/ignition/config.ign',
      ignition: { system: 'coreos', spec: '3.4.0' },
    },
  })
  const older = { 'ignition.firstboot': '', ...bootEntry('Fedora Linux 37.20221106.3.0 (CoreOS) (ostree:0)') }
  expect(await lock(await tiny('older.img', coreosPartitions(older)))).toMatchObject({
    distribution: { id: 'fedora-coreos', version: '37.20221106.3.0' },
    configuration: { ignition: { spec: '3.3.0' } },
  })
})

test('a kin of Fedora CoreOS is known by the stamp alone, and its Ignition by its packages', async () => {
  const { 'usr/bin/cloud-init': _, ...root } = tinyRoot('arm64')
  const kin = (files: TinyFiles): readonly TinyPartition[] => [
    ...coreosPartitions({ 'ignition.firstboot': '' }),
    { line: 'type=linux, name=root', fileSystem: 'ext4', label: 'root', number: 4, files },
  ]
  const status = 'Package: ignition\nStatus: install ok installed\nVersion: 2.20.0+ds1-1\n'
  const whole = { ...root, 'usr/sbin/NetworkManager': '', 'var/lib/dpkg/status': status }
  expect(await lock(await tiny('kin.img', kin(whole)))).toMatchObject({
    distribution: { id: 'debian', version: '13' },
    configuration: { way: 'ignition-file', partition: 3, ignition: { system: 'coreos', spec: '3.5.0' } },
  })
  expect(await problemOf(await tiny('networkd.img', kin(root)))).toEqual([
    'L0082',
    'the base image lacks NetworkManager, without which a node does not work',
  ])
})

const flatcarPartitions = (
  oem: Partial<TinyPartition>,
  esp: TinyFiles = { 'flatcar/first_boot': '' },
): readonly TinyPartition[] => [
  {
    line: 'type=uefi',
    fileSystem: 'vfat',
    files: { 'EFI/boot/bootaa64.efi': 'MZ', 'flatcar/vmlinuz-a': 'k', ...esp },
  },
  { line: 'type=linux, name=OEM', fileSystem: 'none', size: 1, ...oem },
]

test('Flatcar reads a file of its OEM partition; where that is btrfs the user brings it', async () => {
  const ignition = { system: 'flatcar', spec: '3.3.0' }
  expect(await lock(await tiny('flatcar.img', flatcarPartitions({})))).toMatchObject({
    distribution: { id: 'flatcar', version: '' },
    configuration: { way: 'brought', ignition },
  })
  const older = flatcarPartitions({ fileSystem: 'ext4', label: 'OEM', size: 8 })
  expect(await lock(await tiny('older-flatcar.img', older))).toMatchObject({
    configuration: { way: 'ignition-file', partition: 2, path: '/config.ign', ignition },
  })
  expect(await problemOf(await tiny('used-flatcar.img', flatcarPartitions({}, {})))).toEqual([
    'L0085',
    expect.stringMatching(/^the base image has been started already/),
  ])
})

test('a disk on which Ignition would not work, or not as wanted', async () => {
  const entry = bootEntry('Fedora CoreOS 41.20241027.3.0 (ostree:0)')
  expect(await problemOf(await tiny('started.img', coreosPartitions(entry)))).toEqual([
    'L0085',
    expect.stringMatching(/^the base image has been started already/),
  ])
  const unclosed = await tiny('unclosed.img', coreosPartitions({ ...entry, 'ignition.firstboot': '' }))
  const boot = `${join(folder, unclosed)}?offset=${10 * 1024 ** 2}`
  await host.exec(['debugfs', '-w', '-R', 'feature needs_recovery', boot])
  expect(await problemOf(unclosed)).toEqual([
    'L0080',
    'partition 3 of the base image was not closed cleanly, and is not written to',
  ])
  const configured = { ...entry, 'ignition.firstboot': '', 'ignition/config.ign': '{}' }
  expect(await problemOf(await tiny('configured.img', coreosPartitions(configured)))).toEqual([
    'L0086',
    expect.stringMatching(/^the base image has an Ignition config of its own/),
  ])
})

test('a qcow2 that needs another file is refused before either is opened', async () => {
  const secret = join(folder, 'cloud.qcow2')
  const path = join(folder, 'overlay.qcow2')
  await host.exec(['qemu-img', 'create', '-q', '-f', 'qcow2', '-b', secret, '-F', 'qcow2', path])
  await host.files.remove(secret)
  expect(await problemOf('overlay.qcow2')).toEqual([
    'L0073',
    'overlay.qcow2 takes what it lacks from a backing file',
  ])
  const data = join(folder, 'data.raw')
  await host.exec([
    'qemu-img',
    'create',
    '-q',
    '-f',
    'qcow2',
    '-o',
    `data_file=${data}`,
    join(folder, 'ext.qcow2'),
    '1M',
  ])
  await host.files.remove(data)
  expect(await problemOf('ext.qcow2')).toEqual(['L0073', 'ext.qcow2 keeps its data in another file'])
})

test('what is cut short is named, in every form', async () => {
  await host.exec(['qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', cloud, join(folder, 'whole.qcow2')])
  expect(await problemOf(await shortened('cut.img.xz', 'cloud.img.xz', 3000))).toEqual([
    'L0074',
    expect.stringMatching(/^cut.img.xz is cut short/),
  ])
  expect(await problemOf(await shortened('cut.img.zst', 'cloud.img.zst', 3000))).toEqual([
    'L0074',
    expect.any(String),
  ])
  expect(await problemOf(await shortened('cut.img.gz', 'cloud.img.gz', 3000))).toEqual([
    'L0074',
    'cut.img.gz is cut short or damaged: unexpected end of file',
  ])
  const half = Math.floor(((await host.files.stat(join(folder, 'whole.qcow2')))?.sizeBytes ?? 0) / 2)
  expect(await problemOf(await shortened('cut.qcow2', 'whole.qcow2', half))).toEqual([
    'L0074',
    expect.stringMatching(/clusters are not there/),
  ])
  expect(await problemOf(await shortened('cut.img', 'cloud.img', 12 * 1024 ** 2))).toEqual([
    'L0076',
    expect.any(String),
  ])
  expect(await problemOf(await shortened('odd.img', 'cloud.img', 12_000_001))).toEqual([
    'L0076',
    expect.stringMatching(/within a sector/),
  ])
})

test('a disk of impossible size is refused before it is written, a liar where it goes on', async () => {
  await host.exec(['qemu-img', 'create', '-q', '-f', 'qcow2', join(folder, 'huge.qcow2'), '65G'])
  expect(await problemOf('huge.qcow2')).toEqual([
    'L0075',
    'huge.qcow2 declares a disk of 66560 MiB, and 65536 MiB is the most',
  ])
  const zeros = join(folder, 'zeros')
  await host.exec(['truncate', '--size', '64M', zeros])
  await host.exec(['gzip', zeros])
  await host.exec(['truncate', '--size', '64M', zeros])
  await host.exec(['xz', '-0', zeros])
  const most = 4 * 1024 ** 2
  const expand = async (form: 'gz' | 'xz'): Promise<void> =>
    expandImage(host, { name: `bomb.${form}`, path: `${zeros}.${form}`, form }, join(folder, 'bomb'), most)
  await expect(expand('gz')).rejects.toMatchObject({
    code: 'L0075',
    message: expect.stringMatching(/goes on after 4.0 MiB$/),
  })
  await expect(expand('xz')).rejects.toMatchObject({
    code: 'L0075',
    message: expect.stringMatching(/declares a disk of 64 MiB/),
  })
  expect(await host.files.stat(join(folder, 'bomb'))).toBeUndefined()
})

test('a table that ours cannot be added to is named', async () => {
  const end = 19 * 1024 ** 2
  expect(await problemOf(await changed('backup.img', Buffer.from('xxxx'), end - 512 + 60))).toEqual([
    'L0076',
    'the backup copy of its GPT is broken',
  ])
  expect(await problemOf(await changed('primary.img', Buffer.from('xxxx'), 512 + 60))).toEqual([
    'L0076',
    'the primary copy of its GPT is broken',
  ])
  const four = [1, 2, 3, 4].map((): TinyPartition => ({ line: 'type=83', fileSystem: 'none', size: 1 }))
  expect(await problemOf(await tiny('full.img', four, 'dos'))).toEqual([
    'L0077',
    'all four entries of its MBR are used',
  ])
  await tiny('over.img', piPartitions(), 'dos')
  const file = await host.files.open(join(folder, 'over.img'), 'update')
  // The start of the second partition, in the middle of the first.
  await file.write(Buffer.from([0, 16, 0, 0]), 446 + 16 + 8)
  await file.close()
  expect(await problemOf('over.img')).toEqual(['L0076', 'partitions 1 and 2 lie over one another'])
  await tiny(
    'logical.img',
    [
      { line: 'type=f', fileSystem: 'none', size: 4 },
      { line: 'type=83', fileSystem: 'none', size: 1 },
    ],
    'dos',
  )
  expect(await problemOf('logical.img')).toEqual([
    'L0077',
    expect.stringMatching(/^partition 2 is behind its extended partition 1/),
  ])
})

const withRoot = (root: TinyFiles): readonly TinyPartition[] => cloudPartitions(root)

test('a base that no node could use is named', async () => {
  expect(await problemOf(await tiny('armhf.img', withRoot(tinyRoot('armhf'))))).toEqual([
    'L0078',
    'the base image is for armhf',
  ])
  const { 'usr/bin/cloud-init': _, ...bare } = tinyRoot('arm64')
  expect(await problemOf(await tiny('bare.img', withRoot(bare)))).toEqual([
    'L0079',
    'the base image has no front end that takes a configuration: neither cloud-init nor Ignition is in it',
  ])
  const ec2 = tinyRoot('arm64', { 'etc/cloud/cloud.cfg.d/90_dpkg.cfg': 'datasource_list: [ Ec2 ]\n' })
  expect(await problemOf(await tiny('ec2.img', withRoot(ec2)))).toEqual([
    'L0079',
    expect.stringMatching(/asks only for Ec2$/),
  ])
  const { 'usr/sbin/sfdisk': __, ...lacking } = tinyRoot('arm64')
  expect(await problemOf(await tiny('lacking.img', withRoot(lacking)))).toEqual([
    'L0082',
    'the base image lacks sfdisk, without which a node does not work',
  ])
})

test('what the profile is compared with is found on a disk', async () => {
  const { 'usr/sbin/nft': _, 'usr/sbin/sudo': __, ...root } = tinyRoot('arm64')
  const chrony = { 'usr/sbin/chronyd': '', 'etc/chrony/chrony.conf': 'pool 2.debian.pool.ntp.org\n' }
  const wants = 'etc/systemd/system/multi-user.target.wants'
  const started = { [`${wants}/chrony.service`]: '', [`${wants}/NetworkManager.service`]: '' }
  const files = { ...root, ...chrony, ...started, 'usr/sbin/NetworkManager': '' }
  expect(await lock(await tiny('software.img', withRoot(files)))).toMatchObject({
    lacks: ['nft', 'sudo'],
    networkManager: true,
    chrony: '/etc/chrony/chrony.conf',
  })
})

test('a base with more in it than a system is named', async () => {
  const used = (files: TinyFiles): readonly TinyPartition[] => withRoot(tinyRoot('arm64', files))
  expect(await problemOf(await tiny('k3s.img', used({ 'var/lib/rancher/k3s/server/token': 'x' })))).toEqual([
    'L0090',
    'the base image has a k3s or Kubernetes of its own: /var/lib/rancher/k3s/server',
  ])
  const id = { 'etc/machine-id': '0123456789abcdef0123456789abcdef\n' }
  expect(await problemOf(await tiny('ran.img', used(id)))).toEqual([
    'L0085',
    expect.stringMatching(/^the base image has been started already: \/etc\/machine-id/),
  ])
  const seed: TinyPartition = {
    number: 2,
    line: 'type=linux',
    fileSystem: 'vfat',
    label: 'CIDATA',
    files: { 'meta-data': '', 'user-data': '' },
  }
  expect(await problemOf(await tiny('seeded.img', [...cloudPartitions(), seed]))).toEqual([
    'L0091',
    'the base image has documents for cloud-init of its own: partition 2 is labelled CIDATA',
  ])
  const settings = 'etc/cloud/cloud.cfg.d/99_site.cfg'
  const server = 'datasource:\n  NoCloud:\n    seedfrom: http://10.0.0.1/seed/\n'
  expect(await problemOf(await tiny('server.img', used({ [settings]: server })))).toEqual([
    'L0091',
    'the base image has documents for cloud-init of its own: it takes them from http://10.0.0.1/seed/',
  ])
  const inline = 'datasource:\n  NoCloud:\n    meta-data: { instance-id: a }\n    user-data: ""\n'
  expect(await problemOf(await tiny('inline.img', used({ [settings]: inline })))).toEqual([
    'L0091',
    expect.stringMatching(/of its own: `user-data` and `meta-data` below `datasource: NoCloud`$/),
  ])
})

test('a base whose network nothing of ours reaches is named', async () => {
  const faultsOf = async (name: string, root: TinyFiles) => problemOf(await tiny(name, withRoot(root)))
  const { 'usr/sbin/netplan': _, ...without } = tinyRoot('arm64')
  expect(await faultsOf('networkd-alone.img', without)).toEqual([
    'L0095',
    'the cloud-init of the base image writes the network for networkd, and nodes are described for netplan',
  ])
  const programs = ['ifup', 'ifdown', 'ifquery'].map((name) => [`usr/sbin/${name}`, ''])
  const both = tinyRoot('arm64', { ...Object.fromEntries(programs), 'etc/network/interfaces': '' })
  expect(await faultsOf('ifupdown.img', both)).toEqual([
    'L0095',
    expect.stringMatching(/ for ifupdown, and nodes are described for netplan$/),
  ])
  const settings = 'system_info: { network: { renderers: [netplan, eni] } }\n'
  const preferred = { ...both, 'etc/cloud/cloud.cfg.d/50-netplan.cfg': settings }
  expect(await lock(await tiny('preferred.img', withRoot(preferred)))).toMatchObject({
    configuration: { way: 'cidata' },
  })
  const off = { 'etc/cloud/cloud.cfg.d/99-off.cfg': 'network: {config: disabled}\n' }
  expect(await faultsOf('off.img', tinyRoot('arm64', off))).toEqual([
    'L0095',
    expect.stringMatching(
      /^\/etc\/cloud\/cloud.cfg.d\/99-off.cfg of the base image says what the network is/,
    ),
  ])
  const on = { ...off, 'etc/cloud/cloud.cfg.d/99-on.cfg': 'network: {}\n' }
  expect(await lock(await tiny('on.img', withRoot(tinyRoot('arm64', on))))).toMatchObject({
    configuration: { way: 'cidata' },
  })
})

test('a file that is another one than the profile says is named', async () => {
  expect(await problemOf('nowhere.img')).toEqual(['L0071', expect.stringMatching(/^there is no file /)])
  expect(await problemOf('cloud.img', { sha256: 'ab'.repeat(32) })).toEqual([
    'L0071',
    expect.stringMatching(/^cloud.img is not what `sha256` says/),
  ])
  expect(await problemOf('cloud.img', { format: 'qcow2' })).toEqual([
    'L0072',
    'cloud.img is of the form raw, and `format` says qcow2',
  ])
  await host.files.writeAtomic(join(folder, 'note.txt'), 'not a disk')
  expect(await problemOf('note.txt')).toEqual(['L0072', 'note.txt is no disk with a partition table'])
  // What is told by its first bytes is not copied first.
  const kept = await host.exec(['find', join(folder, 'cache', 'store'), '-size', '10c'])
  expect(kept.stdout).toBe('')
})
