import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import { imageForms } from '../../profile/schema/base-image.ts'
import type { Architecture, ArtifactPin } from '../pins.ts'
import type { LockReader } from '../workloads/lock-section.ts'
import type { BaseSoftware } from './base-software.ts'
import { printSoftware, readSoftware } from './base-software.ts'
import type { IgnitionSpec } from './ignition-spec.ts'
import { ignitionSpecs } from './ignition-spec.ts'
import type { ImageForm } from './image-form.ts'

/** One partition of a base image, as its table names it. */
export interface BasePartition {
  readonly number: number
  /** Bytes. */
  readonly offset: number
  readonly size: number
  /** GPT type GUID in lower case; two hex digits on an MBR. */
  readonly type: string
  /** Lower-case GUID of the partition; empty on an MBR. */
  readonly guid: string
  /** GPT name; empty on an MBR. */
  readonly name: string
  /** As blkid(8) names it: `ext4`, `vfat`, `xfs`; empty where it knows none. */
  readonly fileSystem: string
  readonly label: string
}

/** Systems that Ignition sets up, by where they let others put what, and by what brings their network up. */
export type IgnitionSystem = (typeof ignitionSystems)[number]

export interface BaseIgnition {
  readonly system: IgnitionSystem
  /** What its Ignition reads. */
  readonly spec: IgnitionSpec
}

/** A subvolume of the base that Ignition has to mount before it writes there. */
export interface BaseMount {
  /** Where it is mounted. */
  readonly path: string
  /** Path of its device. No two mounts have the same one, though it may be one device under two names. */
  readonly device: string
  /** As mount(8) has them: `subvol=/@/home`. */
  readonly options: readonly string[]
}

/** A kernel's command line in a file of the boot partition. */
export interface CommandLine {
  /** `cmdline.txt`; on Ubuntu for Raspberry Pis since 25.10 `current/cmdline.txt`. */
  readonly path: string
  readonly text: string
}

/**
 * How the front end of a base is given its documents:
 *   cidata          cloud-init's NoCloud takes a file system labelled CIDATA: the seed; nothing of the base is written
 *   boot-files      cloud-init's NoCloud reads files of a FAT partition, which also has the kernel's command line
 *   ignition-file   Ignition reads one file of an ext4 partition
 *   ignition-seed   Ignition reads a file of a file system labelled `ignition`: the seed; nothing of the base is written
 *   brought         Ignition reads a file system that cannot be written here: the user brings the document
 */
export type BaseConfiguration =
  | { readonly way: 'cidata' }
  | {
      readonly way: 'boot-files'
      readonly partition: number
      /** Those that kernels take from there; none where they come from elsewhere. */
      readonly commandLines: readonly CommandLine[]
    }
  | {
      readonly way: 'ignition-file'
      readonly partition: number
      readonly path: string
      readonly ignition: BaseIgnition
    }
  | {
      readonly way: 'ignition-seed'
      readonly ignition: BaseIgnition
      /** Of btrfs. */
      readonly mounts: readonly BaseMount[]
    }
  | { readonly way: 'brought'; readonly ignition: BaseIgnition }

/**
 * A partition of the base whose number is another one in images of ours. At every start that finds room at the end of the medium,
 * kiwi's dracut module `kiwi-repart` (9.24 to 10.2) deletes the entry with the number that root had when its image was made, and
 * makes one with this number in the largest stretch that is free. In our images that is an entry without content, so that what
 * is made is the data partition, and root has the next number that is free.
 */
export interface Renumbering {
  readonly from: number
  readonly to: number
}

/** Who starts a disk: firmware that looks for `EFI/BOOT`, or that of a Raspberry Pi. */
export type BaseStarter = 'uefi' | 'raspberry-pi'

/**
 * Which program of a base joins wireless networks: NetworkManager, or wpa_supplicant with networkd beside it. What has neither
 * is not given a wireless network.
 */
export type RadioManager = (typeof radioManagers)[number]

/** What `base.image` turned out to be: all that planning needs to know of its content. */
export interface LockedBaseImage extends BaseSoftware {
  /** As the profile names it: a path or a URL. */
  readonly source: string
  readonly artifact: ArtifactPin
  readonly form: ImageForm
  /** Of the disk in it. */
  readonly diskBytes: number
  readonly table: 'gpt' | 'mbr'
  /** GPT disk GUID in lower case, or eight hex digits of an MBR. */
  readonly diskId: string
  readonly partitions: readonly BasePartition[]
  /** As in the image of ours. */
  readonly renumbered?: Renumbering
  /** The number that the payload's partition gets; the seed's is the next one, and on a GPT the node gives `data` the one after it. */
  readonly firstNumber: number
  readonly architecture: Architecture
  readonly starts: readonly BaseStarter[]
  /** Its kernel has pages of 16 KiB on those boards that know them. */
  readonly largePages?: true
  readonly radio?: RadioManager
  /** `ID` and `VERSION_ID` of its os-release (os-release(5)); null where its root cannot be read without mounting. */
  readonly distribution: { readonly id: string; readonly version: string } | null
  readonly configuration: BaseConfiguration
}

/** Rolling releases have no version. */
const printDistribution = ({ id, version }: { readonly id: string; readonly version: string }) => ({
  id,
  ...(version === '' ? {} : { version }),
})

/** Null: its front end is cloud-init. */
export const ignitionOf = (configuration: BaseConfiguration): BaseIgnition | null =>
  'ignition' in configuration ? configuration.ignition : null

/** Of the systems that Ignition sets up Flatcar alone has networkd and timesyncd in the places of NetworkManager and chrony. */
export const hasNetworkManager = (configuration: BaseConfiguration): boolean => {
  const ignition = ignitionOf(configuration)
  return ignition !== null && ignition.system !== 'flatcar'
}

/** As it stands in the lock. */
export const printBaseImage = (image: LockedBaseImage) => {
  const { source, artifact, form, diskBytes, table, diskId, partitions } = image
  return {
    source,
    name: artifact.name,
    sha256: artifact.sha256,
    sizeBytes: artifact.sizeBytes,
    form,
    diskBytes,
    table,
    diskId,
    ...(image.renumbered === undefined ? {} : { renumbered: image.renumbered }),
    firstNumber: image.firstNumber,
    architecture: image.architecture,
    starts: image.starts,
    ...(image.largePages === undefined ? {} : { largePages: image.largePages }),
    ...(image.radio === undefined ? {} : { radio: image.radio }),
    ...printSoftware(image),
    ...(image.distribution === null ? {} : { distribution: printDistribution(image.distribution) }),
    configuration: image.configuration,
    partitions: partitions.map(({ number, offset, size, type, guid, name, fileSystem, label }) => ({
      number,
      offset,
      size,
      type,
      ...(guid === '' ? {} : { guid }),
      ...(name === '' ? {} : { name }),
      ...(fileSystem === '' ? {} : { fileSystem }),
      ...(label === '' ? {} : { label }),
    })),
  }
}

interface BaseImageReader extends LockReader {
  readonly natural: (path: Path) => number
}

const ways = ['cidata', 'boot-files', 'ignition-file', 'ignition-seed', 'brought'] as const
const ignitionSystems = ['coreos', 'flatcar', 'microos'] as const
const starters = ['uefi', 'raspberry-pi'] as const
const radioManagers = ['network-manager', 'networkd'] as const

const readConfiguration = (read: BaseImageReader, path: Path): BaseConfiguration => {
  const at = (key: string): Path => [...path, key]
  const way = read.choice(at('way'), ways)
  const ignition = (): BaseIgnition => ({
    system: read.choice([...at('ignition'), 'system'], ignitionSystems),
    spec: read.choice([...at('ignition'), 'spec'], ignitionSpecs),
  })
  if (way === 'brought') return { way, ignition: ignition() }
  if (way === 'ignition-file')
    return {
      way,
      partition: read.natural(at('partition')),
      path: read.text(at('path')),
      ignition: ignition(),
    }
  if (way === 'ignition-seed')
    return {
      way,
      ignition: ignition(),
      mounts: read.list(at('mounts')).map((_, index) => ({
        path: read.text([...at('mounts'), index, 'path']),
        device: read.text([...at('mounts'), index, 'device']),
        options: read
          .list([...at('mounts'), index, 'options'])
          .map((_, position) => read.text([...at('mounts'), index, 'options', position])),
      })),
    }
  if (way !== 'boot-files') return { way }
  return {
    way,
    partition: read.natural(at('partition')),
    commandLines: read.list(at('commandLines')).map((_, index) => ({
      path: read.text([...at('commandLines'), index, 'path']),
      text: read.text([...at('commandLines'), index, 'text']),
    })),
  }
}

/** Throws what the reader throws at what `lock` does not write. Null: the profile has no base image. */
export const readBaseImage = (read: BaseImageReader): LockedBaseImage | null => {
  const at = (...keys: readonly (string | number)[]): Path => ['base', 'image', ...keys]
  const optional = (...keys: readonly (string | number)[]): string =>
    read.has(at(...keys)) ? read.text(at(...keys)) : ''
  if (!read.has(at())) return null
  return {
    source: read.text(at('source')),
    artifact: read.artifact(at()),
    form: read.choice(at('form'), imageForms),
    diskBytes: read.natural(at('diskBytes')),
    table: read.choice(at('table'), ['gpt', 'mbr']),
    diskId: read.text(at('diskId')),
    ...(read.has(at('renumbered'))
      ? {
          renumbered: {
            from: read.natural(at('renumbered', 'from')),
            to: read.natural(at('renumbered', 'to')),
          },
        }
      : {}),
    firstNumber: read.natural(at('firstNumber')),
    partitions: read.list(at('partitions')).map((_, index) => {
      const text = (key: string): string => optional('partitions', index, key)
      return {
        number: read.natural(at('partitions', index, 'number')),
        offset: read.natural(at('partitions', index, 'offset')),
        size: read.natural(at('partitions', index, 'size')),
        type: read.text(at('partitions', index, 'type')),
        guid: text('guid'),
        name: text('name'),
        fileSystem: text('fileSystem'),
        label: text('label'),
      }
    }),
    architecture: read.choice(at('architecture'), ['arm64', 'amd64']),
    starts: read.list(at('starts')).map((_, index) => read.choice(at('starts', index), starters)),
    ...(read.has(at('largePages')) ? { largePages: true } : {}),
    ...(read.has(at('radio')) ? { radio: read.choice(at('radio'), radioManagers) } : {}),
    ...readSoftware(read, at()),
    distribution: read.has(at('distribution'))
      ? { id: read.text(at('distribution', 'id')), version: optional('distribution', 'version') }
      : null,
    configuration: readConfiguration(read, at('configuration')),
  }
}
