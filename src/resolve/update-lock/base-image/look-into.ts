import { createExtReader } from '../../../host/disk/ext-reader.ts'
import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'
import type { Host } from '../../../host/host.ts'
import type { BaseConfiguration, BasePartition, LockedBaseImage } from '../../base-image/locked-base-image.ts'
import { cloudInitFacts } from './cloud-init-facts.ts'
import { cloudNetworkFault } from './cloud-network.ts'
import type { FatPartition } from './fat-partitions.ts'
import {
  hasFile,
  hasLargePages,
  loaderArchitecture,
  readCommandLines,
  readFats,
  seedFat,
  startersOf,
} from './fat-partitions.ts'
import { renumberingOf } from './grown-root.ts'
import type { ExtPartition } from './ignition-facts.ts'
import { coreosConfiguration, coreosOf, flatcarConfiguration, flatcarStamp } from './ignition-facts.ts'
import type { ImageFault } from './image-fault.ts'
import { lookAtRoot } from './look-at-root.ts'
import type { MicroosRoot } from './microos-facts.ts'
import { findMicroosRoot, microosConfiguration } from './microos-facts.ts'
import { ownSeedAddress } from './own-seed.ts'
import { readPartitions } from './read-partitions.ts'
import { readTable } from './read-table.ts'
import { architectureOf, distributionOf } from './root-facts.ts'
import { unwritable } from './unwritable.ts'

/** All that is to be known of a disk, beside the file that it came in. */
export type DiskFacts = Omit<LockedBaseImage, 'source' | 'artifact' | 'form'>

interface Root {
  readonly partition: BasePartition
  readonly reader: FileSystemReader
}

const isExt = ({ fileSystem }: BasePartition): boolean => /^ext[234]$/.test(fileSystem)

/** Of the ext file systems the one that has programs and settings. */
const findRoot = async (
  host: Host,
  path: string,
  partitions: readonly BasePartition[],
): Promise<Root | undefined> => {
  for (const partition of partitions.filter(isExt)) {
    const reader = createExtReader(host, path, partition.offset)
    if ((await reader.exists('/usr/bin')) && (await reader.exists('/etc'))) return { partition, reader }
  }
  return undefined
}

const nothingThere = (why: string): ImageFault => ({
  code: 'L0079',
  message: `the base image has no front end that takes a configuration: ${why}`,
  help: 'install cloud-init in it, or use an image of docs/bases.md',
})

const mountNeeded = (what: string): ImageFault => ({
  code: 'L0080',
  message: `${what}, which nothing but a kernel that mounts it can read and write`,
  help: 'use an image of docs/bases.md',
})

/** Flatcar has its boot loader in a folder of this name. */
const isFlatcar = ({ files }: FatPartition): boolean => files.some((file) => /^flatcar\//i.test(file))

const cloudInitConfiguration = async (
  root: Root,
  fats: readonly FatPartition[],
): Promise<BaseConfiguration | ImageFault | undefined> => {
  const facts = await cloudInitFacts(root.reader)
  if (facts === undefined) return undefined
  const { datasources, seedFrom, label } = facts
  if (datasources !== undefined && !datasources.includes('NoCloud'))
    return nothingThere(`its cloud-init asks only for ${datasources.join(', ')}`)
  const elsewhere = ownSeedAddress(facts)
  if (elsewhere !== undefined) return elsewhere
  const network = await cloudNetworkFault(root.reader, facts)
  if (network !== undefined) return network
  const readsFiles = seedFrom?.startsWith('file://') === true || seedFrom?.startsWith('/') === true
  const fat = seedFat(fats, label)
  if (!readsFiles && (label === undefined || label.toLowerCase() === 'cidata')) return { way: 'cidata' }
  if (fat === undefined)
    return mountNeeded(`its cloud-init reads ${seedFrom ?? `the file system ${label}`}, and no FAT is that`)
  return {
    way: 'boot-files',
    partition: fat.partition.number,
    commandLines: await readCommandLines(fat),
  }
}

/** Undefined where that label is on another file system, or on none. */
const extLabelled = (
  host: Host,
  path: string,
  partitions: readonly BasePartition[],
  label: string,
): ExtPartition | undefined => {
  const partition = partitions.find((each) => each.label === label && isExt(each))
  if (partition === undefined) return undefined
  return { number: partition.number, reader: createExtReader(host, path, partition.offset) }
}

/** What was found on a disk. */
interface Found {
  readonly partitions: readonly BasePartition[]
  readonly fats: readonly FatPartition[]
  readonly root: Root | undefined
  readonly microos: MicroosRoot | undefined
  /** Of Fedora CoreOS and its kin. */
  readonly boot: ExtPartition | undefined
  /** Of Flatcar. */
  readonly oem: ExtPartition | undefined
  readonly distribution: LockedBaseImage['distribution']
}

const findConfiguration = async (found: Found): Promise<BaseConfiguration | ImageFault> => {
  const { partitions, fats, root, microos, boot, oem, distribution } = found
  if (microos !== undefined) return microosConfiguration(microos, distribution, partitions)
  const ignition =
    boot === undefined ? undefined : await coreosConfiguration(boot, distribution, root?.reader)
  if (ignition !== undefined) return ignition
  const flatcar = fats.find(isFlatcar)
  if (flatcar !== undefined) return flatcarConfiguration(hasFile(flatcar, flatcarStamp), oem)
  const cloudInit = root === undefined ? undefined : await cloudInitConfiguration(root, fats)
  if (cloudInit !== undefined) return cloudInit
  if (root !== undefined) return nothingThere('neither cloud-init nor Ignition is in it')
  const kinds = partitions
    .map(({ fileSystem }) => fileSystem)
    .filter((each) => each !== '' && each !== 'vfat')
  if (kinds.length === 0) return nothingThere('no file system of a system was found')
  return mountNeeded(`the base image keeps its system on ${[...new Set(kinds)].join(', ')}`)
}

/** Looks into a raw disk once, without root and mounts: facts for the lock, or what is wrong with it. */
export const lookInto = async (
  host: Host,
  path: string,
  diskBytes: number,
): Promise<DiskFacts | ImageFault> => {
  const table = await readTable(host, path, diskBytes)
  if ('code' in table) return table
  const partitions = await readPartitions(host, path, table.partitions)
  const fats = await readFats(host, path, partitions)
  const microos = await findMicroosRoot(host, path, table.table, partitions)
  const root = microos ?? (await findRoot(host, path, partitions))
  const programs = root === undefined ? undefined : await architectureOf(root.reader)
  const architecture = programs ?? loaderArchitecture(fats)
  if (architecture !== 'arm64' && architecture !== 'amd64') {
    return {
      code: 'L0078',
      message:
        architecture === undefined
          ? 'nothing tells which architecture the base image is for'
          : `the base image is for ${architecture}`,
      help: 'use an image for arm64 or amd64',
    }
  }
  const [boot, oem] = ['boot', 'OEM'].map((label) => extLabelled(host, path, partitions, label))
  const distribution =
    (boot === undefined ? null : await coreosOf(boot.reader)) ??
    (root === undefined ? null : await distributionOf(root.reader)) ??
    (fats.some(isFlatcar) ? { id: 'flatcar', version: '' } : null)
  const configuration = await findConfiguration({
    partitions,
    fats,
    root,
    microos,
    boot,
    oem,
    distribution,
  })
  if ('code' in configuration) return configuration
  const renumbered =
    microos === undefined ? undefined : await renumberingOf(host, path, microos, { ...table, partitions })
  if (renumbered !== undefined && 'code' in renumbered) return renumbered
  const dirty = await unwritable(host, path, partitions, configuration)
  if (dirty !== undefined) return dirty
  const software = root === undefined ? {} : await lookAtRoot(root.reader, partitions, configuration)
  if ('code' in software) return software
  return {
    diskBytes,
    table: table.table,
    diskId: table.diskId,
    ...(renumbered === undefined
      ? { firstNumber: table.firstNumber }
      : { renumbered, firstNumber: renumbered.to + 1 }),
    partitions,
    architecture,
    starts: startersOf(fats),
    ...(hasLargePages(fats) ? { largePages: true } : {}),
    ...software,
    distribution,
    configuration,
  }
}
