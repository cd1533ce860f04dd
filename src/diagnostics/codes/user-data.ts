import type { CodeEntry } from './entry.ts'

/** R0395, L005, L0088: fragments of the user's for the provisioning. */
export const userDataCodes = {
  R0395: {
    title: 'user data that is named twice',
    explanation:
      'Every file under `userData` is applied once, in their order. One that stands there twice would run its commands twice.',
  },
  L0050: {
    title: 'user data that the front end would pass over',
    explanation:
      'Files under `userData` are cloud-config: YAML whose first line is `#cloud-config`, of at most 256 KiB. Scripts, MIME archives, templates and includes are not taken: they cannot be merged with what the profile says, or need a network. With `provision: ignition` they are Butane (`variant: fcos`, `version`) or Ignition JSON; the one is not read by the other.',
  },
  L0051: {
    title: 'key of user data that nothing reads',
    explanation:
      'cloud-init knows the key, but on these images it has another owner: the profile (name, network, time, people, packages) or the image itself. A key that is silently passed over helps nobody at a far-away site. The message says where it belongs; docs/user-data.md lists what is read.',
  },
  L0052: {
    title: 'user data and something else own one thing',
    explanation:
      'A user, a group, a path, a unit or a single value has one owner: two fragments, or a fragment and the profile, or a fragment and a file of the image claim the same. Nobody wins by coming last; keep one of the two. A file with `append: true` adds to what another has written.',
  },
  L0053: {
    title: 'user data that would break the node',
    explanation:
      "k3s's settings, state, environment and unit, the launcher, the seed and the settings of cloud-init belong to the image, and its root file system is read-only. So do the lists of accounts, the units by which a node of this base is reached, brought up and kept in time, its network and its list of file systems, and the rules by which k3s reaches its pods: a firewall is `site.firewall`. Files, commands and what units run are asked alike; of commands the plain cases are seen, not what a program does in secret. What k3s shall do differently goes under `cluster.k3s`, what it shall run under `images`.",
  },
  L0054: {
    title: 'secret in user data',
    explanation:
      'User data lies in the clear on the seed and in the lock, and cloud-init keeps copies of it on the disk. Passwords are given as hashes (`openssl passwd -6`); private keys have no place in it.',
  },
  L0055: {
    title: 'user data that Ignition cannot follow on a node',
    explanation:
      "Ignition works in the initrd, without a network, on the disk of the image, and again from the start when its work was cut off. So nothing is fetched (`source` is a `data:` URL, or the text stands under `inline`), no disk, partition or file system is made, nothing is appended, and no other config is merged in. Modes are octal in Butane (`0644`) and decimal in Ignition's JSON (420).",
  },
  L0056: {
    title: 'account that is not there, or a number that is taken',
    explanation:
      'cloud-init writes files before it makes users and groups, but for those with `defer: true`; at an owner that it does not know it stops, and writes none of the files after it. Ignition gives up, and the node does not start, when a group or an owner does not exist at the moment when it is asked for: first all groups are made, then the users in their order, then files. Numbers below 2000 are left to the base and to people without one. With packages of your own (`base.packages`) or a base image it is a warning, since they may bring accounts.',
  },
  L0088: {
    title: 'user data that cloud-init does otherwise than it says',
    explanation:
      "cloud-init takes it, and the node does not get what was meant: a content that is not of its `encoding`, at which cloud-init may stop, so that the files after it are missing too; a file in the home of somebody who is made later, whose home is root's then; a password without `lock_passwd: false`, which is locked. `write_files` comes before `users`, but for entries with `defer: true`.",
  },
  L0057: {
    title: 'unit that systemd or Ignition would not take',
    explanation:
      'A unit under `systemd.units` is read in vain: a line that is neither a section nor `Key=value`, `enabled` without `[Install]`, which never starts it, or `mask` beside what would be masked.',
  },
} as const satisfies Record<string, CodeEntry>
