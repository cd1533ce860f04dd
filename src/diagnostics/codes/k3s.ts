import type { CodeEntry } from './entry.ts'

/** R0316 and on: keys of k3s that are checked against the tables of images/k3s/. */
export const k3sRuleCodes = {
  R0316: {
    title: 'k3s key that came later',
    explanation:
      'This release of k3s does not have the option yet: it would log one line and go on without it. Use a newer release, or leave the key out. `appliance explain cluster.k3s.config.KEY` tells the first releases that have it; patch releases of several minors often got an option at the same time.',
  },
  R0317: {
    title: 'k3s key that was removed',
    explanation:
      'This release of k3s does not have the option any more: it would log one line and go on without it.',
  },
  R0318: {
    title: 'deprecated k3s key',
    explanation: 'It still works with this release, and a later one removes it.',
  },
  R0319: {
    title: 'value that a k3s key does not take',
    explanation:
      'The option takes one of a few values, and some of them came or went with a release. k3s stops at its start when it is given another. Where plugins of containerd add values (`snapshotter`), an unknown one is a warning.',
  },
  R0320: {
    title: 'malformed value of a k3s key',
    explanation:
      'Ports are 1 to 65535, lengths of time have units (`90s`, `1h30m`), schedules have five fields, files of the node are absolute paths, modes are texts such as `"0640"`. k3s stops at its start when it cannot read a value.',
  },
  R0321: {
    title: 'k3s key that must be equal on all servers',
    explanation:
      'A server whose networks, components or encryption differ from those of the others is refused when it joins ("critical configuration value mismatch"), and all nodes reach the servers at one port. Such keys belong to `cluster.k3s.config`.',
  },
  R0328: {
    title: 'k3s release newer than the tables',
    explanation:
      'This version of appliance knows the options of k3s up to some minor, and checks those of a newer one as if they were of that minor: a new option is reported as unknown, a removed one is not reported. `docs/k3s-options.md` says up to which.',
  },
  R0329: {
    title: 'k3s release that is too old',
    explanation:
      'Nothing is known of the options of this release, so a profile cannot be checked against it, and the files on the node would not fit it. The oldest release supported is v1.21.',
  },
} as const satisfies Record<string, CodeEntry>
