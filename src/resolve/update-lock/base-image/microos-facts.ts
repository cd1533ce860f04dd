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
import type { ImageFault } from './image-fault.ts'

/** The system of openSUSE MicroOS and its kin: a read-only snapshot on btrfs. */
export interface MicroosRoot {
  readonly partition: BasePartition
  readonly reader: FileSystemReader
  /** Of the file system as a whole, where the other subvolumes are. */
  readonly top: FileSystemReader
}

type Distribution = LockedBaseImage['distribution']

/** Snapper numbers them; a disk that nobody has started has the first one alone (kiwi 10, volume_manager/btrfs.py). */
const snapshots = '/@/.snapshots'
const firstSnapshot = `${snapshots}/1/snapshot`

/** What openSUSE's package `ignition` adds to the initrd beside the module of Ignition's own. */
const ignitionModule = /^\d+ignition-microos$/
/** kiwi's module that makes root reach the end of the medium. */
const growingModule = /^\d+kiwi-repart$/
const modules = '/usr/lib/dracut/modules.d'

export const findMicroosRoot = async (
  host: Host,
  path: string,
  table: 'gpt' | 'mbr',
  partitions: readonly BasePartition[],
): Promise<MicroosRoot | undefined> => {
  for (const partition of partitions.filter(({ fileSystem }) => fileSystem === 'btrfs')) {
    const reader = (folder: string) =>
      createGrubReader(host, path, { table, number: partition.number, folder })
    const root = { partition, reader: reader(firstSnapshot), top: reader('') }
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
 * Ignition knows a file system by its device, and takes none twice; a subvolume each needs a name of the device of its own
 * (github.com/coreos/ignition, issue 890). udev has these for every partition of a GPT.
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

/** Rolling releases have dates. Ignition 2.15 came in March 2023, 2.20 in October 2024; SL Micro 6.0 has 2.17. */
const packagedIgnition = (distribution: Distribution): string => {
  const version = Number.parseFloat(distribution?.version ?? '')
  if (version >= 20241101) return '2.20'
  if (version >= 20230401) return '2.15'
  return version >= 6 && version < 100 ? '2.15' : '2.14'
}

/** Made at the end of the first start; newer ones go by the machine's id alone. */
const stampFile = '/@/boot/writable/firstboot_happened'

const isStarted = async ({ reader, top }: MicroosRoot): Promise<boolean> => {
  const id = new TextDecoder().decode(await reader.read('/etc/machine-id')).trim()
  const numbers = (await top.list(snapshots)).filter((name) => /^\d+$/.test(name))
  return (await top.exists(stampFile)) || /^[0-9a-f]{32}$/.test(id) || numbers.length > 1
}

/** The file system that their Ignition takes a config from, and combustion a script. */
const configLabels = ['ignition', 'combustion']

export const microosConfiguration = async (
  root: MicroosRoot,
  distribution: Distribution,
  partitions: readonly BasePartition[],
): Promise<BaseConfiguration | ImageFault> => {
  if (await isStarted(root)) {
    return {
      code: 'L0085',
      message: 'the base image has been started already, and its Ignition works at the first start alone',
      help: 'use the image as it was downloaded',
    }
  }
  const other = partitions.find(({ label }) => configLabels.includes(label))
  if (other !== undefined) {
    return {
      code: 'L0086',
      message: `the base image has a place for a config of its own, partition ${other.number} labelled ${other.label}, and ours would be a second one`,
      help: 'use the image as it was downloaded, and name the config under `userData`',
    }
  }
  if ((await root.reader.list(modules)).some((name) => growingModule.test(name))) {
    return {
      code: 'L0083',
      message: 'the initrd of the base image makes its root anew up to the end of the medium (kiwi-repart)',
      help: 'use an image of the same system for virtual machines (qcow2), whose root keeps its size',
    }
  }
  const fstab = parseFstab(new TextDecoder().decode(await root.reader.read('/etc/fstab')))
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
