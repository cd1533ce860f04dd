import { posix } from 'node:path'

/** Whether `path` is the folder itself or lies below it; both absolute and normal. */
export const isUnder = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(`${folder}/`)

export const unitFolder = '/etc/systemd/system'

/** What keeps k3s and the node going, by whom it is kept. */
const kept: readonly { readonly folder: string; readonly by: string }[] = [
  { folder: '/etc/rancher', by: "k3s's own settings; use `cluster.k3s` in the profile" },
  {
    folder: '/var/lib/rancher',
    by: "k3s's own state; use `images.manifests` and `images.charts` in the profile",
  },
  { folder: '/var/lib/kubelet', by: "the kubelet's own state" },
  { folder: '/var/lib/cni', by: "the pod network's own state" },
  { folder: '/var/log/pods', by: 'what pods have said' },
  { folder: '/var/log/containers', by: 'what pods have said' },
  { folder: '/etc/default/k3s', by: 'the environment of k3s; use `site.proxy` in the profile' },
  { folder: '/var/lib/appliance', by: 'what the first start has placed' },
  { folder: '/run/appliance', by: 'the state of the launcher' },
  { folder: '/etc/appliance', by: 'the settings of this node' },
  { folder: '/payload', by: 'the payload partition' },
  { folder: '/data', by: 'the data partition' },
  { folder: '/etc/cloud', by: 'the settings of cloud-init' },
  { folder: '/var/lib/cloud', by: 'the state of cloud-init' },
]

/** Lists that programs of the system keep; whole files in their place lock everybody out. */
const lists: readonly { readonly folder: string; readonly by: string }[] = [
  ...['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map((name) => ({
    folder: `/etc/${name}`,
    by: 'the list of accounts; name people and groups of your own by keys of their own',
  })),
  { folder: '/etc/machine-id', by: 'the number of this node' },
]

/**
 * What of the root front ends can write: on a base of our own, and where Ignition works, `data` alone, and folders in memory; the
 * root of an image of the user's that has cloud-init is whole.
 */
export type WritableRoot = 'data' | 'whole'

const ofImage: Readonly<Record<WritableRoot, readonly string[]>> = {
  // squashfs, and links into it
  data: ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/boot'],
  whole: ['/boot', '/usr/lib/appliance', '/lib/appliance'],
}
const why: Readonly<Record<WritableRoot, string>> = {
  data: 'a part of the read-only root file system',
  whole: 'what this node starts by',
}

/** Units of the image, and settings beside them (`k3s.service.d`); on a base image its mounts are units too. */
const unitPattern =
  /^\/(?:etc|run|usr\/lib|usr\/local\/lib|lib)\/systemd\/system(?:\.control|\.attached)?\/(?:[^/]+\.(?:wants|requires)\/)?(?:(?:k3s|appliance-[a-z]+)\.[a-z]+|(?:data|payload|var|var-appliance-data|var-appliance-payload|var-lib-(?:appliance|rancher|kubelet|cni)|var-log-(?:pods|containers))\.mount)(?:\.d)?(?:\/|$)/

/** All that is on the data partition, and mounted before Ignition works. */
const writable: readonly string[] = ['/etc', '/var', '/home', '/root']

/** In memory: gone at the next start, but of use to commands. */
const inMemory: readonly string[] = ['/run', '/tmp', '/dev/shm']

/** Why nobody but the image may write there, as the end of a sentence; undefined where anybody may. `path`: absolute. */
export const ownerOfPath = (path: string, root: WritableRoot = 'data'): string | undefined => {
  const whole = posix.normalize(path)
  if (unitPattern.test(whole)) return 'a unit that this node starts by'
  if (ofImage[root].some((folder) => isUnder(folder, whole))) return why[root]
  return [...kept, ...lists].find(({ folder }) => isUnder(folder, whole))?.by
}

const outside = 'not on the data partition: /etc, /var, /home and /root can be written'

/** The same for a file that cloud-init writes: it fails at a folder, and so do all the files after it. */
export const cloudInitOwnerOfPath = (path: string, root: WritableRoot): string | undefined => {
  const whole = posix.normalize(path)
  const owner = ownerOfPath(whole, root)
  if (owner !== undefined) return owner
  const places = [...writable, ...inMemory]
  if (root === 'data' && !places.some((folder) => isUnder(folder, whole))) return outside
  const folders = [...places, unitFolder, ...kept.map(({ folder }) => folder)]
  return folders.some((folder) => isUnder(whole, folder)) ? 'a folder' : undefined
}

/** Of Ignition and of what it is told beside files. */
const ofIgnition: readonly { readonly folder: string; readonly by: string }[] = [
  {
    folder: '/etc/systemd/system-preset',
    by: 'what Ignition says of units; use `enabled` under `systemd.units`',
  },
  { folder: '/etc/.ignition-result.json', by: 'what Ignition has done' },
  { folder: '/etc/selinux/config', by: 'what Ignition needs to run' },
  ...['/var/run', '/var/lock'].map((folder) => ({ folder, by: 'a link into memory, which a start empties' })),
]

/** The same as `ownerOfPath` where Ignition is the one who writes: in the initrd, and whole folders too. */
export const ignitionOwnerOfPath = (path: string): string | undefined => {
  const whole = posix.normalize(path)
  const owner = ownerOfPath(whole) ?? ofIgnition.find(({ folder }) => isUnder(folder, whole))?.by
  if (owner !== undefined) return owner
  if (writable.includes(whole)) return 'a folder of the image'
  if (!writable.some((folder) => isUnder(folder, whole))) return outside
  return [...kept, ...lists, ...ofIgnition].some(({ folder }) => isUnder(whole, folder))
    ? 'a folder that the node itself needs'
    : undefined
}

/** Whether k3s and the node keep there what is theirs; `path`: absolute. */
export const isKept = (path: string): boolean =>
  kept.some(({ folder }) => isUnder(folder, posix.normalize(path)))
