import type { ResolvedNode, ResolvedProfile, ResolvedUser } from '../resolve/resolved-profile.ts'
import { sha256Hex } from './hash.ts'
import { toYaml } from './to-yaml.ts'
import { mergeUserData } from './user-data.ts'

/**
 * Two documents of cloud-init's NoCloud datasource. They hold no secret: cloud-init keeps copies of them. Network and host
 * name are not in them: those are files for systemd (network-files.ts), so that k3s need not wait for cloud-init.
 */
export interface NoCloudDocuments {
  readonly metaData: string
  readonly userData: string
}

const user = ({ name, sshKeys, sudo }: ResolvedUser): Readonly<Record<string, unknown>> => ({
  name,
  shell: '/bin/bash',
  lock_passwd: true,
  ...(sudo ? { groups: ['sudo', 'adm', 'systemd-journal'], sudo: 'ALL=(ALL) NOPASSWD:ALL' } : {}),
  ssh_authorized_keys: sshKeys,
})

const userDataOf = (profile: ResolvedProfile): string => {
  const { users = [], ...others } = mergeUserData(profile.userData)
  return `#cloud-config\n${toYaml({
    timezone: profile.site.timezone,
    ...others,
    users: [...profile.access.users.map(user), ...users],
  })}`
}

/**
 * The instance-id follows the content: cloud-init applies users anew when a replaced seed says something else, and does
 * nothing when it is the same. The host key does not hang on it.
 */
export const planNoCloud = (profile: ResolvedProfile, node: ResolvedNode): NoCloudDocuments => {
  const userData = userDataOf(profile)
  const mark = sha256Hex(JSON.stringify([node.name, userData])).slice(0, 16)
  return {
    userData,
    metaData: toYaml({
      'instance-id': `${profile.cluster.name}-${node.name}-${mark}`,
      'local-hostname': node.name,
    }),
  }
}
