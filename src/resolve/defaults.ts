import type { EffectiveNode } from '../profile/effective-node.ts'
import { listOf } from '../profile/effective-node.ts'
import { networkText, parseCidr } from '../profile/ip-address.ts'
import { parseLifetime } from '../profile/lifetime.ts'
import type { Profile } from '../profile/schema.ts'
import { parseSize } from '../profile/size.ts'
import { vipImage } from '../profile/vip.ts'
import type { BoardRecipe } from '../recipes/recipe.ts'
import { resolveFirewall } from './firewall.ts'
import { addressesOf, resolveInterfaces } from './interfaces.ts'
import { resolvePi } from './pi.ts'
import { resolveProxy } from './resolve-secrets.ts'
import type {
  ResolvedNetwork,
  ResolvedNode,
  ResolvedProfile,
  ResolvedUser,
  ResolvedVip,
} from './resolved-profile.ts'
import { resolveWatchdog } from './watchdog.ts'
import { resolveWifi } from './wifi.ts'

/** Networks of k3s when the profile names none (docs.k3s.io/cli/server). */
const podNetwork = '10.42.0.0/16'
const serviceNetwork = '10.43.0.0/16'

const resolveNetwork = ({ network }: Pick<EffectiveNode, 'network'>): ResolvedNetwork => {
  const texts = (value: string | readonly string[] | undefined): readonly string[] =>
    listOf(value, []).map(({ text }) => text)
  return network.address === undefined
    ? { kind: 'dhcp' }
    : {
        kind: 'static',
        addresses: texts(network.address),
        gateways: texts(network.gateway),
        dns: network.dns ?? [],
      }
}

export interface NodeParts {
  /** Its own keys of config.yaml, with a SecretValue in the place of each secret. */
  readonly k3s: ResolvedNode['k3s']
  readonly kernel: string
}

export const resolveNode = (
  node: EffectiveNode,
  board: BoardRecipe,
  { k3s, kernel }: NodeParts,
): ResolvedNode => ({
  name: node.name,
  role: node.role,
  board: board.name,
  architecture: board.architecture,
  network: resolveNetwork(node),
  interfaces: resolveInterfaces(node, resolveNetwork),
  wifi: resolveWifi(node),
  watchdog: resolveWatchdog(node.watchdog, board),
  k3s,
  labels: { ...node.labels },
  taints: node.taints,
  bootstrapToken: node.bootstrapToken === undefined ? null : { expires: node.bootstrapToken.expires ?? null },
  kernel,
  pi: board.firmware === 'uefi' ? null : resolvePi(node.pi),
  storage: {
    medium: node.storage.medium ?? board.medium ?? 'ssd',
    sizeBytes: node.storage.size === undefined ? null : (parseSize(node.storage.size) ?? null),
  },
})

export const resolveVip = (profile: Profile): ResolvedVip | null => {
  const { vip } = profile.cluster
  const image = vipImage(profile)
  if (vip === undefined || image === undefined) return null
  return { address: vip.address, interface: vip.interface ?? null, image: image.reference }
}

/** Default: the virtual address, else the first server, by its first static address, or by its name where DHCP gives the address. */
export const resolveEndpoint = (profile: Profile, nodes: readonly ResolvedNode[]): string => {
  const { endpoint, vip } = profile.cluster
  if (endpoint !== undefined) return endpoint
  if (vip !== undefined) return vip.address
  const first = nodes.find((node) => node.role === 'server')
  const address = first?.network.kind === 'static' ? first.network.addresses[0]?.split('/')[0] : undefined
  return address ?? first?.name ?? profile.cluster.name
}

const listText = (value: unknown, fallback: string): readonly string[] =>
  (Array.isArray(value) ? value : [value ?? fallback]).flatMap((item) =>
    String(item)
      .split(',')
      .map((text) => text.trim()),
  )

/** NO_PROXY: what is in the cluster or on a node's own network is reached directly. */
const resolveNoProxy = (
  profile: Profile,
  nodes: readonly ResolvedNode[],
  endpoint: string,
): readonly string[] => {
  const { config } = profile.cluster.k3s
  const domain = config?.['cluster-domain']
  const siteNetworks = addressesOf(nodes).map(networkOf)
  return [
    ...new Set([
      'localhost',
      '127.0.0.0/8',
      '::1',
      ...listText(config?.['cluster-cidr'], podNetwork),
      ...listText(config?.['service-cidr'], serviceNetwork),
      '.svc',
      `.${typeof domain === 'string' ? domain : 'cluster.local'}`,
      endpoint,
      ...(profile.cluster.vip === undefined ? [] : [profile.cluster.vip.address]),
      ...nodes.map((node) => node.name),
      ...siteNetworks,
      // Where DHCP gives nodes their addresses, the firewall knows their networks.
      ...(profile.site?.firewall?.nodes ?? []),
      ...(profile.site?.proxy?.noProxy ?? []),
    ]),
  ]
}

/** `192.168.10.11/24` -> `192.168.10.0/24`. */
const networkOf = (text: string): string => {
  const cidr = parseCidr(text)
  return cidr === undefined ? text : networkText(cidr)
}

export const resolveSite = (
  profile: Profile,
  nodes: readonly ResolvedNode[],
  endpoint: string,
): ResolvedProfile['site'] => {
  const { timezone, ntp, proxy } = profile.site ?? {}
  return {
    timezone: timezone ?? 'UTC',
    ntp: ntp ?? [],
    firewall: resolveFirewall(profile, nodes),
    proxy:
      proxy === undefined
        ? null
        : {
            http: resolveProxy('http', proxy.http),
            https: resolveProxy('https', proxy.https),
            noProxy: resolveNoProxy(profile, nodes, endpoint),
          },
  }
}

/** A year, and three for the administrator, who has no other way in. */
const lifetimes = { user: '1y', administrator: '3y' } as const

const lifetimeDays = (text: string): number => {
  const days = parseLifetime(text)
  if (days === undefined) throw new Error(`${text} has passed validation and is no lifetime`)
  return days
}

export const resolveAccess = (profile: Profile): ResolvedProfile['access'] => ({
  users: resolveUsers(profile),
  admin: { lifetimeDays: lifetimeDays(profile.access.admin?.lifetime ?? lifetimes.administrator) },
  kubeconfigs: (profile.access.kubeconfigs ?? []).map(({ name, groups, role, lifetime }) => ({
    name,
    groups: [...new Set(groups ?? [])],
    role: role ?? null,
    lifetimeDays: lifetimeDays(lifetime ?? lifetimes.user),
  })),
})

const resolveUsers = ({ access }: Profile): readonly ResolvedUser[] =>
  access.users.map(({ name, sshKeys, sudo }) => ({
    name,
    sshKeys: sshKeys.map((key) => key.trim()),
    sudo: sudo ?? false,
  }))
