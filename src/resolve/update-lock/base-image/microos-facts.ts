import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'
import { createGrubReader } from '../../../host/disk/grub-reader.ts'
import type { Host } from '../../../host/host.ts'
import { specOfIgnition } from '../../base-image/ignition-spec.ts'
import type {
  BaseConfiguration,
  BaseMount,
  BasePartition,
  LockedBaseImage,
} from '../../base-image/locked-base-image.ts'
import { startedAlready } from './ignition-facts.ts'
import type { ImageFault } from './image-fault.ts'

/** The system of openSUSE MicroOS and its kin: a read-only snapshot on btrfs. */
export interface MicroosRoot {
  readonly partition: BasePartition
  readonly reader: FileSystemReader
  /** Of the file system as a whole, where the other subvolumes are. */
  readonly top: FileSystemReader
  /** Of the others of the disk. */
  readonly others: readonly FileSystemReader[]
}

type Distribution = LockedBaseImage['distribution']

/** Snapper numbers them; a disk that nobody has started has the first one alone (kiwi 10, volume_manager/btrfs.py). */
const snapshots = '/@/.snapshots'
const firstSnapshot = `${snapshots}/1/snapshot`

/** What openSUSE's package `ignition` adds to the initrd beside the module of Ignition's own. */
const ignitionModule = /^\d+ignition-microos$/
/** Of images that encrypt root at their first start (disk-encryption-tool), and of those whose table systemd makes. */
const rebuildingModule = /^\d+(?:disk-encryption|systemd-repart-dracut)/
export const modules = '/usr/lib/dracut/modules.d'

/** File systems that a `/var` may be on, as blkid(8) names them. */
const systems = /^(?:btrfs|ext4|xfs)$/

export const findMicroosRoot = async (
  host: Host,
  path: string,
  table: 'gpt' | 'mbr',
  partitions: readonly BasePartition[],
): Promise<MicroosRoot | undefined> => {
  for (const partition of partitions.filter(({ fileSystem }) => fileSystem === 'btrfs')) {
    const reader = ({ number }: BasePartition, folder: string) =>
      createGrubReader(host, path, { table, number, folder })
    const others = partitions.filter((each) => each !== partition && systems.test(each.fileSystem))
    const root: MicroosRoot = {
      partition,
      reader: reader(partition, firstSnapshot),
      top: reader(partition, ''),
      others: others.map((other) => reader(other, '')),
    }
    if ((await root.reader.list(modules)).some((name) => ignitionModule.test(name))) return root
  }
  return undefined
}

interface FstabEntry {
  readonly device: string
  readonly path: string
  readonly type: string
  readonly options: readonly string[]
}

/** fstab(5). */
const parseFstab = (text: string): readonly FstabEntry[] =>
  text.split('\n').flatMap((line) => {
    const [device, path, type, options = ''] = line.replace(/#.*$/, '').trim().split(/\s+/)
    if (device === undefined || path === undefined || type === undefined) return []
    return [{ device, path: path.replace(/(.)\/$/, '$1'), type, options: options.split(',') }]
  })

const links: Readonly<Record<string, string>> = {
  UUID: 'by-uuid',
  LABEL: 'by-label',
  PARTUUID: 'by-partuuid',
  PARTLABEL: 'by-partlabel',
}

const devicePath = (device: string): string | undefined => {
  if (device.startsWith('/dev/')) return device
  const [, key = '', name] = /^([A-Z]+)="?([\w.-]+)"?$/.exec(device) ?? []
  const folder = links[key]
  return folder === undefined || name === undefined ? undefined : `/dev/disk/${folder}/${name}`
}

/**
 * Ignition knows a file system by its device, and takes none twice (github.com/coreos/ignition, issue 890). openSUSE's is patched
 * to do so; with a name of the device of its own for each subvolume any Ignition does. udev has these for every partition of a GPT.
 */
const namesOf = ({ guid, label }: BasePartition, device: string): readonly string[] => [
  ...new Set([
    device,
    ...(guid === '' ? [] : [`/dev/disk/by-partuuid/${guid}`]),
    ...(label === '' ? [] : [`/dev/disk/by-label/${label}`]),
  ]),
]

/** Folders that a node or its users write to, and that are subvolumes there. */
const writtenFolders = ['/usr/local', '/home', '/root'] as const

const isMountedInInitrd = ({ options }: FstabEntry): boolean => options.includes('x-initrd.mount')

/**
 * Their initrd mounts what /etc/fstab marks with `x-initrd.mount` before Ignition writes files, and nothing else
 * (README.SUSE of the package `ignition`, 2.26): the config has to name the other subvolumes itself. Returns the first folder
 * that Ignition could not write to, if there is one.
 */
const mountsOf = (fstab: readonly FstabEntry[], partition: BasePartition): readonly BaseMount[] | string => {
  const mounts: BaseMount[] = []
  const root = devicePath(fstab.find((each) => each.path === '/')?.device ?? '')
  const names = new Map(root === undefined ? [] : [[root, namesOf(partition, root)]])
  for (const path of ['/etc', '/var', ...writtenFolders]) {
    const entry = fstab.find((each) => each.path === path)
    if (entry === undefined) return path
    if (isMountedInInitrd(entry)) continue
    const device = devicePath(entry.device)
    if (device === undefined || entry.type !== 'btrfs' || path === '/etc' || path === '/var') return path
    const [name, ...others] = names.get(device) ?? [device]
    if (name === undefined) return path
    names.set(device, others)
    const options = entry.options.filter((option) => option.startsWith('subvol='))
    mounts.push({ path, device: name, options })
  }
  return mounts
}

/** Rolling releases have dates: the package had 2.15 in March 2023, 2.20 on 7 November 2024. SL Micro 6.0 has 2.17. */
const packagedIgnition = (distribution: Distribution): string => {
  const version = Number.parseFloat(distribution?.version ?? '')
  if (version >= 20241201) return '2.20'
  if (version >= 20230401) return '2.15'
  return version >= 6 && version < 100 ? '2.15' : '2.14'
}

/** Made at the end of the first start until 2023; newer ones go by the machine's id alone (combustion 1.2). */
const stampFile = '/@/boot/writable/firstboot_happened'

/** Where what has changed in `/etc` lies, below `/var`, if `/etc` is an overlay: `/lib/overlay/1/etc`. */
const changesOf = (fstab: readonly FstabEntry[]): string | undefined => {
  const { options } = fstab.find(({ path, type }) => path === '/etc' && type === 'overlay') ?? { options: [] }
  const upper = options.find((option) => option.startsWith('upperdir='))
  return upper === undefined ? undefined : /^upperdir=\/sysroot\/var(\/.+)$/.exec(upper)?.[1]
}

const hasId = async (reader: FileSystemReader, path: string): Promise<boolean> =>
  /^[0-9a-f]{32}$/.test(new TextDecoder().decode(await reader.read(path)).trim())

/** `/var` is a subvolume, or another file system. */
const isStarted = async (
  { reader, top, others }: MicroosRoot,
  fstab: readonly FstabEntry[],
): Promise<boolean> => {
  const numbers = (await top.list(snapshots)).filter((name) => /^\d+$/.test(name))
  if ((await top.exists(stampFile)) || numbers.length > 1) return true
  const changes = changesOf(fstab)
  const places: readonly (readonly [FileSystemReader, string])[] = [
    [reader, '/etc'],
    ...(changes === undefined
      ? []
      : [[top, `/@/var${changes}`] as const, ...others.map((other) => [other, changes] as const)]),
  ]
  for (const [at, folder] of places) if (await hasId(at, `${folder}/machine-id`)) return true
  return false
}

/** The file systems that their Ignition takes a config from, and combustion 1.5 a script. */
const configLabels = /^(?:combustion|ignition|install)$/i

export const microosConfiguration = async (
  root: MicroosRoot,
  distribution: Distribution,
  partitions: readonly BasePartition[],
): Promise<BaseConfiguration | ImageFault> => {
  const fstab = parseFstab(new TextDecoder().decode(await root.reader.read('/etc/fstab')))
  if (await isStarted(root, fstab)) return startedAlready
  const other = partitions.find(({ label }) => configLabels.test(label))
  if (other !== undefined) {
    return {
      code: 'L0086',
      message: `the base image has a place for a config of its own, partition ${other.number} labelled ${other.label}, and ours would be a second one`,
      help: 'use the image as it was downloaded, and name the config under `userData`',
    }
  }
  const unwanted = (await root.reader.list(modules)).find((name) => rebuildingModule.test(name))
  if (unwanted !== undefined) {
    return {
      code: 'L0083',
      message: `the initrd of the base image encrypts its root, or makes its partitions anew (${unwanted.replace(/^\d+/, '')})`,
      help: 'use the image of this system without it: that for virtual machines that starts by GRUB',
    }
  }
  const mounts = mountsOf(fstab, root.partition)
  if (typeof mounts === 'string') {
    return {
      code: 'L0080',
      message: `the /etc/fstab of the base image does not tell how Ignition could write to ${mounts}`,
      help: 'use an image of docs/bases.md',
    }
  }
  return {
    way: 'ignition-seed',
    ignition: { system: 'microos', spec: specOfIgnition(packagedIgnition(distribution)) },
    mounts,
  }
}
