import type {
  ResolvedNetwork,
  ResolvedNode,
  ResolvedProfile,
  ResolvedUser,
} from '../resolve/resolved-profile.ts'
import { sha256Hex } from './hash.ts'
import { toYaml } from './to-yaml.ts'

/** The three documents of cloud-init's NoCloud datasource. They hold no secret: cloud-init keeps copies of them. */
export interface NoCloudDocuments {
  readonly metaData: string
  readonly userData: string
  readonly networkConfig: string
}

/**
 * Wired interfaces by their kernel names: predictable ones (`enp1s0`, `end0`) and `eth0`. cloud-init's renderer for
 * systemd-networkd writes the key itself as `Name=` of the match, and has no other way to say "any wired interface".
 */
const wired = ['en*', 'eth*'] as const

const withDefaultRoutes = (gateways: readonly string[]): readonly Record<string, string>[] =>
  gateways.map((via) => ({ to: via.includes(':') ? '::/0' : '0.0.0.0/0', via }))

const interfaceConfig = (network: ResolvedNetwork): Readonly<Record<string, unknown>> => {
  if (network.kind === 'dhcp') return { dhcp4: true }
  return {
    addresses: network.addresses,
    ...(network.gateways.length > 0 ? { routes: withDefaultRoutes(network.gateways) } : {}),
    ...(network.dns.length > 0 ? { nameservers: { addresses: network.dns } } : {}),
  }
}

const networkConfig = (network: ResolvedNetwork): string =>
  toYaml({
    version: 2,
    ethernets: Object.fromEntries(wired.map((name) => [name, interfaceConfig(network)])),
  })

const user = ({ name, sshKeys, sudo }: ResolvedUser): Readonly<Record<string, unknown>> => ({
  name,
  shell: '/bin/bash',
  lock_passwd: true,
  ...(sudo ? { groups: ['sudo', 'adm', 'systemd-journal'], sudo: 'ALL=(ALL) NOPASSWD:ALL' } : {}),
  ssh_authorized_keys: sshKeys,
})

const userData = (profile: ResolvedProfile): string =>
  `#cloud-config\n${toYaml({
    manage_etc_hosts: 'localhost',
    timezone: profile.site.timezone,
    users: profile.access.users.map(user),
  })}`

/**
 * The instance-id follows the content: cloud-init applies users and network anew when a replaced seed says something else,
 * and does nothing when it is the same. Host keys do not hang on it.
 */
export const planNoCloud = (profile: ResolvedProfile, node: ResolvedNode): NoCloudDocuments => {
  const documents = { userData: userData(profile), networkConfig: networkConfig(node.network) }
  const mark = sha256Hex(JSON.stringify([node.name, documents])).slice(0, 16)
  return {
    ...documents,
    metaData: toYaml({
      'instance-id': `${profile.cluster.name}-${node.name}-${mark}`,
      'local-hostname': node.name,
    }),
  }
}
