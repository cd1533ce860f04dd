import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { EnvironmentFault } from '../diagnostics/fault.ts'

/** Where Debian keeps each program we call, for whoever lacks it. `make setup` installs them all. */
const packageOf: Readonly<Record<string, string>> = {
  apt: 'apt',
  'apt-get': 'apt',
  'apt-ftparchive': 'apt-utils',
  blkid: 'util-linux',
  busybox: 'busybox',
  bzip2: 'bzip2',
  cp: 'coreutils',
  cpio: 'cpio',
  debugfs: 'e2fsprogs',
  'dpkg-deb': 'dpkg',
  e2fsck: 'e2fsprogs',
  fallocate: 'util-linux',
  find: 'findutils',
  fatlabel: 'dosfstools',
  'fsck.fat': 'dosfstools',
  'fsck.vfat': 'dosfstools',
  gpg: 'gpg',
  gzip: 'gzip',
  gpgv: 'gpgv',
  'grub-fstest': 'grub-common',
  mcopy: 'mtools',
  mdir: 'mtools',
  'mkfs.btrfs': 'btrfs-progs',
  'mkfs.fat': 'dosfstools',
  'mkfs.vfat': 'dosfstools',
  mmd: 'mtools',
  mmdebstrap: 'mmdebstrap',
  mtype: 'mtools',
  newuidmap: 'uidmap',
  prlimit: 'util-linux',
  'qemu-aarch64-static': 'qemu-user-static',
  'qemu-img': 'qemu-utils',
  'qemu-system-aarch64': 'qemu-system-arm',
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-x86_64-static': 'qemu-user-static',
  sfdisk: 'fdisk',
  skopeo: 'skopeo',
  sqfscat: 'squashfs-tools',
  sqfstar: 'squashfs-tools',
  mksquashfs: 'squashfs-tools',
  tar: 'tar',
  unshare: 'util-linux',
  unsquashfs: 'squashfs-tools',
  xz: 'xz-utils',
  zstd: 'zstd',
}

/** Debian keeps mkfs.vfat, sfdisk and others where a plain user's PATH does not reach. */
export const searchPath = (path: string | undefined): string => {
  const own = (path ?? '').split(delimiter).filter((folder) => folder !== '')
  const needed = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
  return [...own, ...needed.filter((folder) => !own.includes(folder))].join(delimiter)
}

/** Full path of a program, or undefined. A name with a slash is taken as it is. */
export const findProgram = async (name: string, path: string): Promise<string | undefined> => {
  const candidates = name.includes('/') ? [name] : path.split(delimiter).map((folder) => join(folder, name))
  for (const candidate of candidates) {
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (usable) return candidate
  }
  return undefined
}

export const missingProgram = (name: string): EnvironmentFault => {
  const known = packageOf[name.slice(name.lastIndexOf('/') + 1)]
  return new EnvironmentFault(
    `the program ${name} is not installed`,
    known === undefined
      ? `Install ${name}, or make sure that PATH reaches it.`
      : `Install it with \`sudo apt-get install ${known}\`; \`make setup\` installs everything that is needed.`,
  )
}
