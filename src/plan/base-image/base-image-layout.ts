import type { BaseConfiguration, IgnitionSystem } from '../../resolve/base-image/locked-base-image.ts'
import { ignitionOf } from '../../resolve/base-image/locked-base-image.ts'
import type { Owner } from '../../resolve/user-data/kept.ts'
import { folderOfImage, isUnder } from '../../resolve/user-data/owned-paths.ts'
import type { ProvisionedFile } from '../provisioning/provisioning.ts'

/** Where on a base that was not made by us our files are, beside the places that they have on a base of our own. */
export interface BaseImageLayout {
  /** Folders and files of ours, each by its place on our own base; the first that fits counts. */
  readonly moves: readonly Move[]
  /** Folders that the base has as well: a file of ours is elsewhere, and a text that names one means the base's. */
  readonly fileMoves: readonly Move[]
  /** Links of the base, by what they lead to: a file there is the same one. */
  readonly links: readonly Move[]
  /** Units of the base that a node is reached and kept in time by. */
  readonly units: readonly string[]
  /** Folders that a front end can write below, at the time when it does; those of `readOnly` in them are not among them. */
  readonly writable: readonly string[] | 'all'
  readonly readOnly: readonly string[]
}

type Move = readonly [from: string, to: string]

/** `/usr` can be written: everything is where it is on a base of our own. */
export const ownPlaces: BaseImageLayout = {
  moves: [],
  fileMoves: [],
  links: [],
  units: [],
  writable: 'all',
  readOnly: [],
}

/**
 * A base that cloud-init sets up: ssh is a socket on Ubuntu, and has its own name on each family; who brings the network up
 * and keeps the time is told by what else is in the base (kept-on-base.ts). What a replaced seed says is applied by cloud-init.
 */
export const cloudInitPlaces: BaseImageLayout = {
  ...ownPlaces,
  units: [
    ...['ssh.service', 'ssh.socket', 'sshd.service', 'sshd.socket'],
    ...['cloud-init-local.service', 'cloud-init-main.service', 'cloud-init-network.service'],
    ...['cloud-init.service', 'cloud-init.target', 'cloud-config.service', 'cloud-config.target'],
    'cloud-final.service',
  ],
}

/** Settings of programs of a read-only `/usr`. */
const settings: readonly Move[] = ['systemd', 'sysctl.d', 'tmpfiles.d', 'udev'].map((name) => [
  `/usr/lib/${name}`,
  `/etc/${name}`,
])

/**
 * Fedora CoreOS: `/usr` is read-only, no folder can be made in `/`, and `/usr/local` is a link into `/var`. SELinux lets systemd
 * run what has the type of programs: a folder called `bin` below `/usr/local` gives it, where `libexec` gives none that may be
 * run (corecommands.fc and file_contexts.subs_dist of Fedora's selinux-policy, October 2024; corecommands.fc of Debian's).
 * What else is a link into `/var` is there before Ignition writes files (40ignition-ostree, ignition-ostree-populate-var.sh).
 */
export const coreosPlaces: BaseImageLayout = {
  moves: [
    ['/usr/lib/appliance', '/usr/local/appliance/bin'],
    ['/usr/bin/appliance', '/usr/local/bin/appliance'],
    ['/payload', '/var/appliance/payload'],
    ['/data', '/var/appliance/data'],
  ],
  fileMoves: settings,
  links: [['/var/usrlocal', '/usr/local']],
  units: [
    'NetworkManager.service',
    'chronyd.service',
    'sshd.service',
    'sshd.socket',
    'systemd-resolved.service',
  ],
  writable: ['/etc', '/var', '/home', '/root', '/opt', '/srv', '/mnt', '/media', '/usr/local'],
  readOnly: [],
}

/**
 * openSUSE MicroOS and SL Micro: the system is a read-only snapshot. `/usr/local` is a subvolume of its own, and types of SELinux
 * are those of Fedora's policy. The other subvolumes, `/opt` and `/srv` among them, are not there yet when Ignition writes.
 */
export const microosPlaces: BaseImageLayout = {
  ...coreosPlaces,
  links: [],
  writable: ['/etc', '/var', '/home', '/root', '/usr/local'],
}

/**
 * Flatcar: `/usr` is read-only with all that is in it, and links lead into it; the rest of the root is an ext4 of its own. `/opt/bin`
 * is among the folders that shells search. `/boot` and `/oem` are partitions that its initrd does not mount.
 */
export const flatcarPlaces: BaseImageLayout = {
  moves: [
    ['/usr/lib/appliance', '/opt/appliance/bin'],
    ['/usr/bin/appliance', '/opt/bin/appliance'],
    ['/usr/local/bin', '/opt/bin'],
  ],
  fileMoves: settings,
  links: [],
  units: [
    ...['sshd.service', 'sshd.socket', 'systemd-networkd.service', 'systemd-networkd.socket'],
    ...['systemd-resolved.service', 'systemd-timesyncd.service'],
  ],
  writable: 'all',
  readOnly: [
    ...['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/boot', '/oem'],
    ...['/dev', '/proc', '/sys', '/run', '/tmp'],
  ],
}

const places: Readonly<Record<IgnitionSystem, BaseImageLayout>> = {
  coreos: coreosPlaces,
  flatcar: flatcarPlaces,
  microos: microosPlaces,
}

export const layoutOf = (configuration: BaseConfiguration): BaseImageLayout => {
  const ignition = ignitionOf(configuration)
  return ignition === null ? cloudInitPlaces : places[ignition.system]
}

const moved = (moves: readonly Move[], path: string): string => {
  const move = moves.find(([from]) => isUnder(from, path))
  return move === undefined ? path : `${move[1]}${path.slice(move[0].length)}`
}

/** Where something is that lies at `path`, or would, on a base of our own. */
export const placeOn = ({ moves, fileMoves }: BaseImageLayout, path: string): string =>
  moved([...moves, ...fileMoves], path)

/** The name that our files have, for a path that may lead to the same place through another folder. */
export const reachedAs = ({ links }: BaseImageLayout, path: string): string => moved(links, path)

/** What a place is that front ends cannot write, with a next step; undefined where they can. `path`: absolute and normal. */
export const whyNotWritten = ({ writable, readOnly }: BaseImageLayout, path: string): Owner | undefined => {
  const isIn = (folders: readonly string[]): boolean => folders.some((folder) => isUnder(folder, path))
  if (writable !== 'all' && writable.includes(path)) return folderOfImage
  if (!isIn(readOnly) && (writable === 'all' || isIn(writable))) return undefined
  const free = writable === 'all' ? ['/etc', '/var', '/opt', '/srv'] : writable
  return {
    by: 'not among what can be written on this base',
    instead: `write to another place: below ${free.slice(0, -1).join(', ')} or ${free.at(-1)}`,
  }
}

/** systemd.unit(5): a mount has the name of its path. */
const mountName = (path: string): string => `${path.slice(1).replaceAll('/', '-')}.mount`

/** Paths begin behind one of these in units (systemd.service(5) has signs before a program) and scripts, and go on with a folder or end. */
const textPattern = ({ moves }: BaseImageLayout): RegExp =>
  new RegExp(
    `(?<=^|\\s|=[-@:+!]*|\\$ROOT|:-\\})(?:${moves.map(([from]) => from).join('|')})(?![\\w.-])`,
    'gm',
  )

/** The file at its place on such a base, where it names the others by theirs. */
export const placedOn = (layout: BaseImageLayout, file: ProvisionedFile): ProvisionedFile => {
  const { moves } = layout
  if (moves.length === 0) return file
  const path = placeOn(layout, file.path)
  const mount = moves.find(([from]) => path.endsWith(`/${mountName(from)}`))
  return {
    ...file,
    path: mount === undefined ? path : path.replace(mountName(mount[0]), mountName(mount[1])),
    text: file.text.replace(textPattern(layout), (found) => placeOn(layout, found)),
  }
}
