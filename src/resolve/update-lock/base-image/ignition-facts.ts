import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'
import type { IgnitionSpec } from '../../base-image/ignition-spec.ts'
import { specOfIgnition } from '../../base-image/ignition-spec.ts'
import type { BaseConfiguration, LockedBaseImage } from '../../base-image/locked-base-image.ts'
import type { ImageFault } from './image-fault.ts'

/** An ext file system that a config may lie on. */
export interface ExtPartition {
  /** Of its partition. */
  readonly number: number
  readonly reader: FileSystemReader
}

type Distribution = LockedBaseImage['distribution']

/** Where boot loaders find what to start (Boot Loader Specification); the first is a link of ostree's to one of the others. */
const entryFolders = ['/loader/entries', '/loader.0/entries', '/loader.1/entries']

/** `Fedora CoreOS 41.20241027.3.0 (ostree:0)`; before 40 `Fedora Linux 39.20240112.3.0 (CoreOS) (ostree:0)`. */
const coreosTitle = /^title\s+Fedora\b.*?\b(\d\d\.\d{8}\.\d+\.\d+)\b/m

/** Fedora CoreOS keeps its system on xfs. Its name stands on the boot partition, too. */
export const coreosOf = async (boot: FileSystemReader): Promise<Distribution> => {
  for (const folder of entryFolders) {
    for (const name of await boot.list(folder)) {
      if (!name.endsWith('.conf')) continue
      const version = coreosTitle.exec(new TextDecoder().decode(await boot.read(`${folder}/${name}`)))?.[1]
      if (version !== undefined) return { id: 'fedora-coreos', version }
    }
  }
  return null
}

/** The release of Ignition in Debian's database of packages. */
const packagedIgnition = async (root: FileSystemReader): Promise<string | undefined> => {
  const status = new TextDecoder().decode(await root.read('/var/lib/dpkg/status'))
  const paragraph = status.split('\n\n').find((each) => /^Package: ignition$/m.test(each))
  return paragraph === undefined ? undefined : /^Version: (?:\d+:)?(.*)$/m.exec(paragraph)?.[1]
}

/** Releases of Fedora CoreOS, by the Ignition that the first of each had: 38 has 2.15, 42 has 2.21. */
const coreosIgnition = (version: string): string => {
  const fedora = Number.parseInt(version, 10)
  if (fedora >= 42) return '2.20'
  return fedora >= 38 ? '2.15' : '2.14'
}

/** What the Ignition of a base reads, by what is known of the base. */
const ignitionSpecOf = async (
  distribution: Distribution,
  root: FileSystemReader | undefined,
): Promise<IgnitionSpec> => {
  if (distribution?.id === 'fedora-coreos') return specOfIgnition(coreosIgnition(distribution.version))
  return specOfIgnition(root === undefined ? undefined : await packagedIgnition(root))
}

/**
 * Fedora CoreOS takes this file of the file system labelled `boot` for its user's config, on every platform and before it asks
 * the platform, and removes it once it has been applied (fedora-coreos-config, 35coreos-ignition/coreos-ignition-setup-user.sh
 * and coreos-ignition-firstboot-complete).
 */
const configFile = '/ignition/config.ign'

/** Where it is, the boot loader asks for Ignition: on a disk that nobody has started yet. */
const stampFile = '/ignition.firstboot'

export const startedAlready: ImageFault = {
  code: 'L0085',
  message: 'the base image has been started already, and its Ignition works at the first start alone',
  help: 'use the image as it was downloaded',
}

const configuredAlready = (where: string): ImageFault => ({
  code: 'L0086',
  message: `the base image has an Ignition config of its own, ${where}, which ours would replace`,
  help: 'use the image as it was downloaded, and name the config under `userData`',
})

/** Of a disk that starts as Fedora CoreOS does; undefined where it is none. */
export const coreosConfiguration = async (
  { number: partition, reader }: ExtPartition,
  distribution: Distribution,
  root: FileSystemReader | undefined,
): Promise<BaseConfiguration | ImageFault | undefined> => {
  if (!(await reader.exists(stampFile)))
    return distribution?.id === 'fedora-coreos' ? startedAlready : undefined
  if (await reader.exists(configFile)) return configuredAlready(`${configFile} of its boot partition`)
  const spec = await ignitionSpecOf(distribution, root)
  return { way: 'ignition-file', partition, path: configFile, ignition: { system: 'coreos', spec } }
}

/** Flatcar's boot loader asks for Ignition as long as this file is on its EFI partition. */
export const flatcarStamp = 'flatcar/first_boot'

/** On the file system labelled OEM Flatcar takes it for its user's config (bootengine, 53ignition/ignition-setup.sh). */
const flatcarFile = '/config.ign'

/**
 * Of a disk that starts as Flatcar does. Its OEM file system is btrfs since 2021, which only a kernel can write. Ignition reads
 * 3.3.0 since release 3185, and nothing tells the release without mounting a file system.
 */
export const flatcarConfiguration = async (
  stamped: boolean,
  oem: ExtPartition | undefined,
): Promise<BaseConfiguration | ImageFault> => {
  if (!stamped) return startedAlready
  const ignition = { system: 'flatcar', spec: '3.3.0' } as const
  if (oem === undefined) return { way: 'brought', ignition }
  if (await oem.reader.exists(flatcarFile)) return configuredAlready(`${flatcarFile} of its OEM partition`)
  return { way: 'ignition-file', partition: oem.number, path: flatcarFile, ignition }
}
