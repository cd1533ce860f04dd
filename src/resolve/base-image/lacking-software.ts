import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { CheckedProfile } from '../../profile/validate.ts'
import type { BaseSoftware, OptionalSoftware } from './base-software.ts'

/** What asks for something of a base, and what is told where the base lacks it. */
interface Need {
  /** Where the profile asks for it; undefined: it does not. */
  readonly at: (checked: Pick<CheckedProfile, 'profile'>) => Path | undefined
  /** Ends `<name of the base> has `. */
  readonly lack: string
  /** As Debian names it. */
  readonly package: string
}

type Users = CheckedProfile['profile']['access']['users']

const userAt = (
  users: Users,
  key: 'sshKeys' | 'sudo',
  asks: (user: Users[number]) => boolean,
): Path | undefined => {
  const index = users.findIndex(asks)
  return index === -1 ? undefined : ['access', 'users', index, key]
}

const needs: Readonly<Record<OptionalSoftware, Need>> = {
  nft: {
    at: ({ profile }) => (profile.site?.firewall === undefined ? undefined : ['site', 'firewall']),
    lack: 'no nft, and a node of it would be without its firewall',
    package: 'nftables',
  },
  sshd: {
    at: ({ profile }) => userAt(profile.access.users, 'sshKeys', ({ sshKeys }) => sshKeys.length > 0),
    lack: 'no sshd, and nobody comes in by these keys',
    package: 'openssh-server',
  },
  sudo: {
    at: ({ profile }) => userAt(profile.access.users, 'sudo', ({ sudo }) => sudo === true),
    lack: 'no sudo, and nobody becomes root',
    package: 'sudo',
  },
  time: {
    at: ({ profile }) => ((profile.site?.ntp ?? []).length === 0 ? undefined : ['site', 'ntp']),
    lack: 'nothing that asks time servers: neither systemd-timesyncd nor chrony',
    package: 'systemd-timesyncd',
  },
  // flannel(k3s): the default backend.
  vxlan: {
    at: ({ profile: { cluster } }) => {
      const backend = cluster.k3s.config?.['flannel-backend']
      if (backend === undefined) return ['base', 'image']
      return backend === 'vxlan' ? ['cluster', 'k3s', 'config', 'flannel-backend'] : undefined
    },
    lack: 'no kernel module vxlan, and pods of two nodes would not reach each other',
    package: "linux-modules-extra of the kernel's release (Ubuntu)",
  },
}

export interface LackingSoftware {
  readonly path: Path
  /** Ends `<name of the base> has `. */
  readonly lack: string
  readonly help: string
}

/** What the profile asks of its base, and the base does not have. */
export const lackingSoftware = (
  checked: Pick<CheckedProfile, 'profile'>,
  { lacks = [] }: BaseSoftware,
): readonly LackingSoftware[] =>
  lacks.flatMap((name) => {
    const { at, lack, package: packageName } = needs[name]
    const path = at(checked)
    if (path === undefined) return []
    return [{ path, lack, help: `install ${packageName} in it, and run \`appliance lock\`` }]
  })
