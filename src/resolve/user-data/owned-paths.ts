import { posix } from 'node:path'

/** Whether `path` is the folder itself or lies below it; both absolute and normal. */
export const isUnder = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(`${folder}/`)

/** What keeps k3s and the node going, by whom it is kept. */
const kept: readonly { readonly folder: string; readonly by: string }[] = [
  { folder: '/etc/rancher', by: "k3s's own settings; use `cluster.k3s` in the profile" },
  {
    folder: '/var/lib/rancher',
    by: "k3s's own state; use `images.manifests` and `images.charts` in the profile",
  },
  { folder: '/var/lib/kubelet', by: "the kubelet's own state" },
  { folder: '/var/lib/cni', by: "the pod network's own state" },
  { folder: '/etc/default/k3s', by: 'the environment of k3s; use `site.proxy` in the profile' },
  { folder: '/var/lib/appliance', by: 'what the first start has placed' },
  { folder: '/run/appliance', by: 'the state of the launcher' },
  { folder: '/etc/appliance', by: 'the settings of this node' },
  { folder: '/payload', by: 'the payload partition' },
  { folder: '/data', by: 'the data partition' },
  { folder: '/etc/cloud', by: 'the settings of cloud-init' },
  { folder: '/var/lib/cloud', by: 'the state of cloud-init' },
]

/** Read-only on every node: squashfs, and links into it. */
const readOnly: readonly string[] = ['/usr', '/bin', '/sbin', '/lib', '/boot']

/** Units of the image, and settings beside them (`k3s.service.d`). */
const unitPattern =
  /^\/(?:etc|run)\/systemd\/system\/(?:[^/]+\.wants\/)?(?:k3s|appliance-[a-z]+)\.[a-z]+(?:\.d)?(?:\/|$)/

/** Why nobody but the image may write there, as the end of a sentence; undefined where anybody may. `path`: absolute. */
export const ownerOfPath = (path: string): string | undefined => {
  const whole = posix.normalize(path)
  if (readOnly.some((folder) => isUnder(folder, whole))) return 'a part of the read-only root file system'
  if (unitPattern.test(whole)) return 'a unit that this node starts by'
  return kept.find(({ folder }) => isUnder(folder, whole))?.by
}

/** All that Ignition can write: /etc, /var and the homes are on the data partition, and mounted before it works. */
const writable: readonly string[] = ['/etc', '/var', '/home', '/root']

/** Of Ignition and of what it is told beside files. */
const ofIgnition: readonly { readonly folder: string; readonly by: string }[] = [
  ...['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map((name) => ({
    folder: `/etc/${name}`,
    by: 'the list of accounts; use `passwd` for people of your own',
  })),
  {
    folder: '/etc/systemd/system-preset',
    by: 'what Ignition says of units; use `enabled` under `systemd.units`',
  },
  { folder: '/etc/.ignition-result.json', by: 'what Ignition has done' },
  { folder: '/etc/selinux/config', by: 'what Ignition needs to run' },
  { folder: '/etc/machine-id', by: 'the number of this node' },
  ...['/var/run', '/var/lock'].map((folder) => ({ folder, by: 'a link into memory, which a start empties' })),
]

/** The same as `ownerOfPath` where Ignition is the one who writes: in the initrd, and whole folders too. */
export const ignitionOwnerOfPath = (path: string): string | undefined => {
  const whole = posix.normalize(path)
  const owner = ownerOfPath(whole) ?? ofIgnition.find(({ folder }) => isUnder(folder, whole))?.by
  if (owner !== undefined) return owner
  if (writable.includes(whole)) return 'a folder of the image'
  if (!writable.some((folder) => isUnder(folder, whole)))
    return 'not on the data partition: /etc, /var, /home and /root can be written'
  return [...kept, ...ofIgnition].some(({ folder }) => isUnder(whole, folder))
    ? 'a folder that the node itself needs'
    : undefined
}

const folders = kept.map(({ folder }) => folder.replaceAll('/', '\\/')).join('|')
const redirection = new RegExp(
  `(?:>{1,2}|\\btee(?:\\s+-a)?|\\brm(?:\\s+-[a-zA-Z]+)*|\\bmv\\b.*|\\bcp\\b.*|\\bsed\\s+-i\\b.*)\\s*["']?(?:${folders})(?:\\/|["'\\s;]|$)`,
)
const stopsUnit = /\bsystemctl\b[^;&|]*\b(?:stop|disable|mask|kill)\b[^;&|]*\b(?:k3s|appliance-[a-z]+)\b/
const removesK3s = /\bk3s-(?:killall|uninstall|agent-uninstall)(?:\.sh)?\b/

/** What a command of the user's would break, as the end of a sentence: the plain cases, not what a program does in secret. */
export const brokenByCommand = (command: string): string | undefined => {
  if (stopsUnit.test(command)) return 'stops a unit that this node lives by'
  if (removesK3s.test(command)) return 'removes k3s'
  return redirection.test(command) ? 'writes where k3s and this node keep what is theirs' : undefined
}
