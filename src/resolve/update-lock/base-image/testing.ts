import { Buffer } from 'node:buffer'
import { dirname, join } from 'node:path'
import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'
import type { Host } from '../../../host/host.ts'
import { neededPrograms } from './needed-programs.ts'

/** For tests: disks as small as their tables and file systems allow, made by the real tools. */

const mib = 1024 * 1024
const epoch = 1_750_000_000

/** The first bytes of a program; `machine` as in elf(5). */
const program = (machine: number): Uint8Array => {
  const bytes = Buffer.alloc(64)
  bytes.write('\x7fELF\x02\x01\x01', 'latin1')
  bytes.writeUInt16LE(machine, 18)
  return bytes
}

const machines = { amd64: 62, arm64: 183, armhf: 40 } as const

export type TinyFiles = Readonly<Record<string, string | Uint8Array>>

/** A root with cloud-init and netplan, as it is in clouds: with settings that leave everything to them. */
export const tinyRoot = (architecture: keyof typeof machines, more: TinyFiles = {}): TinyFiles => ({
  'etc/cloud/cloud.cfg': 'users: [default]\n',
  'usr/bin/cloud-init': '#!/usr/bin/python3\n',
  'usr/bin/true': program(machines[architecture]),
  ...Object.fromEntries(
    [...Object.keys(neededPrograms), 'nft', 'sshd', 'sudo'].map((name) => [`usr/sbin/${name}`, '']),
  ),
  'usr/lib/systemd/systemd-timesyncd': '',
  'usr/sbin/netplan': '',
  'usr/lib/os-release': 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\n',
  ...more,
})

/** A reader of these files, without a disk. */
export const readerOf = (files: TinyFiles): FileSystemReader => {
  const paths = Object.keys(files).map((path) => `/${path}`)
  return {
    exists: async (path) => paths.some((each) => each === path || each.startsWith(`${path}/`)),
    list: async (folder) =>
      [
        ...new Set(
          paths
            .filter((path) => path.startsWith(`${folder}/`))
            .map((path) => path.slice(folder.length + 1).replace(/\/.*$/, '')),
        ),
      ].sort(),
    read: async (path) => {
      const content = files[path.slice(1)]
      return typeof content === 'string' ? new TextEncoder().encode(content) : content
    },
  }
}

export interface TinyPartition {
  /** Line for sfdisk beside start and size: `type=uefi, name=esp`. */
  readonly line: string
  readonly fileSystem: 'btrfs' | 'ext4' | 'vfat' | 'none'
  readonly label?: string
  readonly files?: TinyFiles
  /** MiB; default 8. A btrfs has at least 16. */
  readonly size?: number
  /** MiB; default: where the one before it ends. */
  readonly start?: number
  readonly number?: number
}

const fromTree = {
  btrfs: (label: string, tree: string) => ['mkfs.btrfs', '-q', '-M', '-L', label, '--rootdir', tree],
  ext4: (label: string, tree: string) => ['mkfs.ext4', '-q', '-F', '-L', label, '-d', tree],
} as const

const makeFromTree = async (
  host: Host,
  path: string,
  { fileSystem, label = '', files = {} }: TinyPartition & { readonly fileSystem: keyof typeof fromTree },
): Promise<void> => {
  const tree = await host.files.makeTemporaryDirectory('tree-')
  for (const [name, content] of Object.entries(files)) {
    await host.files.makeDirectory(dirname(join(tree, name)))
    await host.files.writeAtomic(join(tree, name), content)
  }
  await host.exec([...fromTree[fileSystem](label, tree), path])
  await host.files.remove(tree)
}

const makeVfat = async (host: Host, path: string, { label, files = {} }: TinyPartition): Promise<void> => {
  await host.exec(['mkfs.vfat', ...(label === undefined ? [] : ['-n', label]), path])
  const env = { MTOOLS_SKIP_CHECK: '1', SOURCE_DATE_EPOCH: String(epoch) }
  const folders = new Set<string>()
  for (const [name, content] of Object.entries(files)) {
    for (const folder of name
      .split('/')
      .slice(0, -1)
      .map((_, index, all) => all.slice(0, index + 1).join('/'))) {
      if (!folders.has(folder)) await host.exec(['mmd', '-i', path, `::${folder}`], { env })
      folders.add(folder)
    }
    await host.exec(['mcopy', '-i', path, '-', `::${name}`], { env, input: content })
  }
}

/** A disk with a table and these partitions, one MiB before the first and behind the last; logical ones have a `start`. */
export const makeTinyDisk = async (
  host: Host,
  path: string,
  label: 'gpt' | 'dos',
  partitions: readonly TinyPartition[],
): Promise<void> => {
  let [start, end] = [1, 1]
  const lines: string[] = []
  const placed: { readonly offset: number; readonly partition: TinyPartition }[] = []
  for (const [index, partition] of partitions.entries()) {
    const { line, size = 8, number = index + 1 } = partition
    start = partition.start ?? start
    lines.push(`${path}${number} : start=${start * 2048}, size=${size * 2048}, ${line}`)
    placed.push({ offset: start * mib, partition })
    start += size
    end = Math.max(end, start)
  }
  const file = await host.files.open(path, 'create')
  await file.truncate((end + 1) * mib)
  for (const { offset, partition } of placed) {
    const { fileSystem } = partition
    if (fileSystem === 'none') continue
    const content = `${path}.part`
    const part = await host.files.open(content, 'create')
    await part.truncate((partition.size ?? 8) * mib)
    await part.close()
    if (fileSystem === 'vfat') await makeVfat(host, content, partition)
    else await makeFromTree(host, content, { ...partition, fileSystem })
    await file.write((await host.files.readBytes(content)) ?? new Uint8Array(), offset)
    await host.files.remove(content)
  }
  // What boot loaders keep before the table.
  await file.write(Buffer.from('boot code'), 0)
  await file.close()
  await host.exec(['sfdisk', '--quiet', '--no-reread', '--no-tell-kernel', path], {
    input: `label: ${label}\n\n${lines.join('\n')}\n`,
  })
}

/** As Debian's and Ubuntu's: root first by number and last by place, an EFI partition before it. */
export const cloudPartitions = (root: TinyFiles = tinyRoot('arm64')): readonly TinyPartition[] => [
  { number: 14, line: 'type=21686148-6449-6E6F-744E-656564454649', fileSystem: 'none', size: 1 },
  {
    number: 15,
    line: 'type=uefi, name=esp, attrs="RequiredPartition GUID:63"',
    fileSystem: 'vfat',
    files: { 'EFI/BOOT/BOOTAA64.EFI': 'MZ' },
  },
  { number: 1, line: 'type=linux, name=root', fileSystem: 'ext4', label: 'root', files: root },
]

/** As Raspberry Pi OS with cloud-init: its documents lie on the boot partition. */
export const piPartitions = (
  root: TinyFiles = tinyRoot('arm64'),
  boot: TinyFiles = {},
): readonly TinyPartition[] => [
  {
    line: 'type=c',
    fileSystem: 'vfat',
    label: 'bootfs',
    files: {
      'cmdline.txt': 'console=tty1 root=PARTUUID=1234abcd-02 rootwait resize\n',
      'config.txt': 'arm_64bit=1\n',
      'bcm2711-rpi-4-b.dtb': 'tree',
      'kernel8.img': 'kernel',
      'meta-data': 'instance_id: rpios-image\n',
      'network-config': 'network: { version: 2 }\n',
      'user-data': '#cloud-config\n',
      ...boot,
    },
  },
  {
    line: 'type=83',
    fileSystem: 'ext4',
    label: 'rootfs',
    files: {
      ...root,
      'etc/cloud/cloud.cfg.d/99_raspberry-pi.cfg':
        'datasource_list: [ NoCloud, None ]\ndatasource:\n  NoCloud:\n    seedfrom: file:///boot/firmware\n',
    },
  },
]

/** As a card that PINN or a vendor has divided: the system is on a logical partition, and another one is behind it. */
export const dividedPartitions = (): readonly TinyPartition[] => {
  const [boot, root] = piPartitions()
  if (boot === undefined || root === undefined) throw new Error('a card has two partitions')
  return [
    boot,
    { number: 2, line: 'type=5', fileSystem: 'none', start: 9, size: 24 },
    { ...root, number: 5, start: 10 },
    { number: 6, line: 'type=83', fileSystem: 'ext4', label: 'settings', start: 20 },
  ]
}

/** Of the system of a disk like openSUSE MicroOS: two of its lines are of the first start, the rest is for later. */
const microosFstab = `UUID=0b8e4a5e-7a0c-4f43-9d0a-0a1b2c3d4e5f /           btrfs   ro                            0 0
UUID=0b8e4a5e-7a0c-4f43-9d0a-0a1b2c3d4e5f /home       btrfs   subvol=/@/home                0 0
UUID=0b8e4a5e-7a0c-4f43-9d0a-0a1b2c3d4e5f /root       btrfs   subvol=/@/root,x-initrd.mount 0 0
UUID=0b8e4a5e-7a0c-4f43-9d0a-0a1b2c3d4e5f /usr/local  btrfs   subvol=/@/usr/local           0 0
LABEL=var                                 /var        btrfs   x-initrd.mount,x-growpart.grow 0 0
overlay                                   /etc        overlay defaults,upperdir=/sysroot/var/lib/overlay/1/etc,x-initrd.mount 0 0
`

/** As openSUSE MicroOS until 2023: a read-only snapshot on btrfs, `/var` on the last partition. Plain folders stand for its subvolumes. */
export const microosPartitions = ({
  system = {},
  top = {},
  variable = {},
}: Partial<Readonly<Record<'system' | 'top' | 'variable', TinyFiles>>> = {}): readonly TinyPartition[] => {
  const { 'usr/bin/cloud-init': _, 'etc/cloud/cloud.cfg': __, ...root } = tinyRoot('amd64')
  const snapshot: TinyFiles = {
    ...root,
    'etc/fstab': microosFstab,
    'usr/lib/dracut/modules.d/30ignition/module-setup.sh': '',
    'usr/lib/dracut/modules.d/30ignition-microos/module-setup.sh': '',
    'usr/lib/os-release': 'ID="opensuse-microos"\nVERSION_ID="20230915"\n',
    'usr/sbin/NetworkManager': '',
    ...system,
  }
  const files = Object.fromEntries(
    Object.entries(snapshot).map(([path, content]) => [`@/.snapshots/1/snapshot/${path}`, content]),
  )
  return [
    { line: 'type=uefi, name=p.UEFI', fileSystem: 'vfat', files: { 'EFI/BOOT/BOOTX64.EFI': 'MZ' } },
    {
      line: 'type=linux, name=p.lxroot',
      fileSystem: 'btrfs',
      label: 'ROOT',
      size: 32,
      files: { ...files, ...top },
    },
    { line: 'type=linux, name=p.spare', fileSystem: 'btrfs', label: 'var', size: 16, files: variable },
  ]
}

/** As openSUSE MicroOS since then: `/var` is a subvolume, and the initrd makes root anew. */
export const grownMicroosPartitions = (system: TinyFiles = {}): readonly TinyPartition[] => [
  { line: 'type=21686148-6449-6E6F-744E-656564454649, name=p.legacy', fileSystem: 'none', size: 1 },
  ...microosPartitions({
    system: {
      'etc/fstab': `${microosFstab.replace(/^LABEL=var.*\noverlay.*\n/m, '')}UUID=0b8e4a5e-7a0c-4f43-9d0a-0a1b2c3d4e5f /var btrfs subvol=/@/var,x-initrd.mount 0 0
/etc /etc none bind,x-initrd.mount 0 0
`,
      'usr/lib/dracut/modules.d/55kiwi-repart/module-setup.sh': '',
      ...system,
    },
  }).slice(0, -1),
]
