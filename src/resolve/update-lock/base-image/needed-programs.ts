import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'
import type { BaseConfiguration } from '../../base-image/locked-base-image.ts'
import { hasNetworkManager } from '../../base-image/locked-base-image.ts'
import type { ImageFault } from './image-fault.ts'

/**
 * What scripts of a node call on a base that is not of our own (templates/base-image, templates/node) beside what every
 * system has, and the Debian package that brings it.
 */
export const neededPrograms: Readonly<Record<string, string>> = {
  blkid: 'util-linux',
  curl: 'curl',
  e2fsck: 'e2fsprogs',
  findmnt: 'util-linux',
  ip: 'iproute2',
  losetup: 'mount',
  'mkfs.ext4': 'e2fsprogs',
  modprobe: 'kmod',
  openssl: 'openssl',
  partx: 'util-linux',
  resize2fs: 'e2fsprogs',
  sfdisk: 'fdisk',
  systemctl: 'systemd',
  udevadm: 'udev',
  wipefs: 'util-linux',
}

/** Files for it are what these systems are told of their network. */
const networkProgram: Readonly<Record<string, string>> = { NetworkManager: 'network-manager' }

/** Where AppArmor is on containerd loads a profile with it for each container, and starts none without (k3s-io/k3s#3406). */
const appArmorProgram: Readonly<Record<string, string>> = { apparmor_parser: 'apparmor' }

export const neededFor = (
  configuration: BaseConfiguration,
  { appArmor }: { readonly appArmor: boolean },
): Readonly<Record<string, string>> => ({
  ...neededPrograms,
  ...(hasNetworkManager(configuration) ? networkProgram : {}),
  ...(appArmor ? appArmorProgram : {}),
})

/** With and without a merged /usr; a link to another of them shows nothing, and need not. */
const folders = ['/usr/bin', '/usr/sbin', '/bin', '/sbin']

/** Names of all programs in the folders where a system has them. */
export const programsOf = async (root: Pick<FileSystemReader, 'list'>): Promise<ReadonlySet<string>> => {
  const found = new Set<string>()
  for (const folder of folders) for (const name of await root.list(folder)) found.add(name)
  return found
}

/** A node without one of these would stop at its first start, far away, or run no pods. */
export const lackingPrograms = async (
  root: Pick<FileSystemReader, 'list'>,
  needed = neededPrograms,
): Promise<ImageFault | undefined> => {
  const found = await programsOf(root)
  const missing = Object.keys(needed).filter((name) => !found.has(name))
  if (missing.length === 0) return undefined
  const packages = [...new Set(missing.map((name) => needed[name]))].sort()
  return {
    code: 'L0082',
    message: `the base image lacks ${missing.join(', ')}, without which a node does not work`,
    help: `install ${packages.join(', ')} in it (names of Debian's packages)`,
  }
}
