import { posix } from 'node:path'
import type { Change, Kept, KeptPlace, Owner } from './kept.ts'
import { everyBase } from './kept.ts'

/** Whether `path` is the folder itself or lies below it; both absolute and normal. */
export const isUnder = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(`${folder}/`)

export const unitFolder = '/etc/systemd/system'

const elsewhere = 'write to another place'

/** What `EnvironmentFile=` of k3s.service names: K3S_CONFIG_FILE in it takes all of its settings away. */
const environment = (folder: string): KeptPlace => ({
  folder,
  by: 'the environment of k3s',
  instead: 'use `site.proxy` and `cluster.k3s` in the profile',
})

/** Of other distributions, and in a folder that everybody has units in. */
const environments = ['/etc/sysconfig/k3s', `${unitFolder}/k3s.service.env`].map(environment)

/** What keeps k3s and the node going, by whom it is kept. */
const kept: readonly KeptPlace[] = [
  { folder: '/etc/rancher', by: "k3s's own settings", instead: 'use `cluster.k3s` in the profile' },
  {
    folder: '/var/lib/rancher',
    by: "k3s's own state",
    instead: 'use `images.manifests` and `images.charts` in the profile',
  },
  { folder: '/var/lib/kubelet', by: "the kubelet's own state", instead: elsewhere },
  { folder: '/var/lib/cni', by: "the pod network's own state", instead: elsewhere },
  { folder: '/var/log/pods', by: 'what pods have said', instead: elsewhere },
  { folder: '/var/log/containers', by: 'what pods have said', instead: elsewhere },
  environment('/etc/default/k3s'),
  { folder: '/var/lib/appliance', by: 'what the first start has placed', instead: elsewhere },
  { folder: '/run/appliance', by: 'the state of the launcher', instead: elsewhere },
  { folder: '/etc/appliance', by: 'the settings of this node', instead: elsewhere },
  { folder: '/payload', by: 'the payload partition', instead: elsewhere },
  { folder: '/data', by: 'the data partition', instead: elsewhere },
  { folder: '/etc/cloud', by: 'the settings of cloud-init', instead: elsewhere },
  { folder: '/var/lib/cloud', by: 'the state of cloud-init', instead: elsewhere },
]

const listOf = (names: readonly string[]): readonly KeptPlace[] =>
  names.map((name) => ({
    folder: `/etc/${name}`,
    by: 'the list of accounts',
    instead: 'name people and groups of your own by keys of their own (`users`, `groups`)',
  }))

const machineId: KeptPlace = { folder: '/etc/machine-id', by: 'the number of this node', instead: elsewhere }

/** Lists that programs of the system keep; whole files in their place lock everybody out. */
const lists: readonly KeptPlace[] = [
  ...listOf(['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid']),
  machineId,
]

const startsBy = 'what this node starts by'

/** Of commands alone: on a base of our own they are on a root that cannot be written, and files are told that. */
const byCommands: readonly KeptPlace[] = [
  ...listOf(['passwd', 'shadow', 'group', 'gshadow']),
  machineId,
  ...['/usr/lib/appliance', '/usr/bin/appliance', '/usr/local/bin/k3s'].map((folder) => ({
    folder,
    by: startsBy,
    instead: elsewhere,
  })),
]

/**
 * What of the root front ends can write: on a base of our own `data` alone, and folders in memory; the root of an image of the
 * user's that has cloud-init is whole. `unknown`: of one with Ignition the plan tells it, which knows the base (base-image-layout.ts).
 */
export type WritableRoot = 'data' | 'whole' | 'unknown'

const ofImage: Readonly<Record<WritableRoot, readonly string[]>> = {
  // squashfs, and links into it
  data: ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/boot'],
  whole: ['/boot', '/usr/lib/appliance', '/lib/appliance'],
  unknown: [],
}
const why: Readonly<Record<WritableRoot, string>> = {
  data: 'a part of the read-only root file system',
  whole: startsBy,
  unknown: startsBy,
}

/** Links that every base has. */
const links: readonly (readonly [RegExp, string])[] = [
  [/^\/(?=(?:bin|sbin|lib)\/)/, '/usr/'],
  [/^\/var\/run(?=\/|$)/, '/run'],
]

const real = (path: string): string =>
  links.reduce((found, [from, to]) => found.replace(from, to), posix.normalize(path))

const types = 'service|socket|device|mount|automount|swap|target|path|timer|slice|scope'
const unitPath = new RegExp(
  '^/(?:etc|run|usr/lib|usr/local/lib)/systemd/(?:system(?:\\.control|\\.attached)?|transient)/' +
    `(?:[^/]+\\.(?:wants|requires)/)?((?:[^/]+\\.)?(?:${types}))(\\.d)?(?:/|$)`,
)

/** The unit that a path is of, and whether it is its folder of drop-ins or in it; undefined for any other path. */
const unitAt = (path: string): { readonly name: string; readonly isDropIn: boolean } | undefined => {
  const [, name, folder] = unitPath.exec(path) ?? []
  return name === undefined ? undefined : { name, isDropIn: folder !== undefined }
}

const mounts =
  'data|payload|var|var-appliance-data|var-appliance-payload|var-lib-(?:appliance|rancher|kubelet|cni)|var-log-(?:pods|containers)'
const ownUnit = new RegExp(`^(?:(?:k3s|appliance-[a-z]+(?:@[^.]*)?)\\.[a-z]+|(?:${mounts})\\.mount)$`)

/** Whether a unit is one that we have made; on a base image its mounts are, too. */
export const isOwnUnit = (name: string): boolean => ownUnit.test(name)

/** systemd.unit(5): `service.d` is read for every service, `var-lib-.mount.d` for all whose name begins so. */
const forMany = new RegExp(`^(?:(?:appliance|var|var-lib|var-log|var-appliance)-\\.)?(?:${types})$`)

export const ownUnitOwner: Owner = {
  by: 'a unit that this node starts by',
  instead: 'leave k3s to the profile (`cluster.k3s`); write a unit of your own',
}

export const baseUnitOwner = (name: string): Owner => ({
  by: 'a unit that this node lives by',
  instead: `change its settings by a drop-in (\`${unitFolder}/${name}.d/50-site.conf\`)`,
})

const ownerOfUnitPath = (path: string, units: readonly string[]): Owner | undefined => {
  const unit = unitAt(path)
  if (unit === undefined) return undefined
  if (isOwnUnit(unit.name)) return ownUnitOwner
  if (unit.isDropIn && forMany.test(unit.name))
    return { by: "settings of k3s's unit too", instead: 'put the drop-in into the folder of one unit' }
  return !unit.isDropIn && units.includes(unit.name) ? baseUnitOwner(unit.name) : undefined
}

/** All that is on the data partition, and mounted before Ignition works. */
const writable: readonly string[] = ['/etc', '/var', '/home', '/root']

/** In memory: gone at the next start, but of use to commands. */
const inMemory: readonly string[] = ['/run', '/tmp', '/dev/shm']

/** Why nobody but the image may write a file there; undefined where anybody may. `path`: absolute. */
export const ownerOfPath = (path: string, root: WritableRoot = 'data'): Owner | undefined => {
  const whole = posix.normalize(path)
  const unit = ownerOfUnitPath(real(whole), [])
  if (unit !== undefined) return unit
  if (ofImage[root].some((folder) => isUnder(folder, whole))) return { by: why[root], instead: elsewhere }
  return [...kept, ...environments, ...lists].find(({ folder }) => isUnder(folder, real(whole)))
}

const outside: Owner = {
  by: 'not on the data partition: /etc, /var, /home and /root can be written',
  instead: elsewhere,
}

/** The same for a file that cloud-init writes: it fails at a folder, and so do all the files after it. */
export const cloudInitOwnerOfPath = (path: string, root: WritableRoot): Owner | undefined => {
  const whole = posix.normalize(path)
  const owner = ownerOfPath(whole, root)
  if (owner !== undefined) return owner
  const places = [...writable, ...inMemory]
  if (root === 'data' && !places.some((folder) => isUnder(folder, whole))) return outside
  const folders = [...places, unitFolder, ...kept.map(({ folder }) => folder)]
  return folders.some((folder) => isUnder(whole, folder)) ? { by: 'a folder', instead: elsewhere } : undefined
}

/** Of Ignition and of what it is told beside files. */
const ofIgnition: readonly KeptPlace[] = [
  {
    folder: '/etc/systemd/system-preset',
    by: 'what Ignition says of units',
    instead: 'use `enabled` under `systemd.units`',
  },
  { folder: '/etc/.ignition-result.json', by: 'what Ignition has done', instead: elsewhere },
  { folder: '/etc/selinux/config', by: 'what Ignition needs to run', instead: elsewhere },
  ...['/var/run', '/var/lock'].map((folder) => ({
    folder,
    by: 'a link into memory, which a start empties',
    instead: elsewhere,
  })),
]

export const folderOfImage: Owner = { by: 'a folder of the image', instead: elsewhere }

/** The same as `ownerOfPath` where Ignition is the one who writes: in the initrd, and whole folders too. */
export const ignitionOwnerOfPath = (path: string, root: WritableRoot = 'data'): Owner | undefined => {
  const whole = posix.normalize(path)
  const owner = ownerOfPath(whole, root) ?? ofIgnition.find(({ folder }) => isUnder(folder, whole))
  if (owner !== undefined) return owner
  if (writable.includes(whole)) return folderOfImage
  if (root === 'data' && !writable.some((folder) => isUnder(folder, whole))) return outside
  return [...kept, ...lists, ...ofIgnition].some(({ folder }) => isUnder(whole, folder))
    ? { by: 'a folder that the node itself needs', instead: elsewhere }
    : undefined
}

const waysIn: KeptPlace = {
  folder: '/etc/ssh/sshd_config',
  by: 'what people come in by',
  instead: 'change its settings by files in `/etc/ssh/sshd_config.d`',
  onlyWithFolder: true,
}

/** Lost with a folder above them; a log of pods is not missed, and is cleaned up with others. */
const lostWith = ({ places, units }: Kept): readonly KeptPlace[] => [
  ...[unitFolder, '/usr/lib/systemd/system'].flatMap((folder) => [
    { folder: `${folder}/k3s.service`, ...ownUnitOwner },
    ...units.map((name) => ({ folder: `${folder}/${name}`, ...baseUnitOwner(name) })),
  ]),
  ...[...kept, ...byCommands, waysIn, ...places].filter(({ folder }) => !folder.startsWith('/var/log/')),
]

/** `k3s*` -> whether a name is among those meant; a shell's `[` is taken for itself. */
export const namesLike = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]')}`,
  )

/** Whose the place is that is changed so; undefined where nobody minds. `path`: absolute, with `*` as a shell has it. */
export const keptBy = (path: string, change: Change, of: Kept = everyBase): Owner | undefined => {
  const whole = of.reachedAs(real(path.length > 1 ? path.replace(/\/$/, '') : path))
  const owner =
    ownerOfUnitPath(whole, of.units) ??
    [...kept, ...environments, ...byCommands, ...of.places].find(
      ({ folder, bears = [] }) => isUnder(folder, whole) && !bears.includes(change),
    )
  if (owner !== undefined || !(change === 'removed' || change === 'covered')) return owner
  const above = namesLike(whole === '/' ? '' : whole)
  const lost = lostWith(of).find(({ folder, onlyWithFolder = false }) => {
    if (onlyWithFolder && whole === folder) return false
    // Read before anything is mounted there, and by who starts the machine.
    if (change === 'covered' && isUnder('/boot', folder)) return false
    const [found] = above.exec(folder) ?? []
    return found !== undefined && /^(?:\/|$)/.test(folder.slice(found.length))
  })
  return lost === undefined
    ? undefined
    : { by: `which holds \`${lost.folder}\`, ${lost.by}`, instead: lost.instead }
}
