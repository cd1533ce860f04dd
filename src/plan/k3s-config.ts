import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import { clusterInterfacePart } from './cluster-interface.ts'
import { joinArgs } from './component-args.ts'
import { snapshotConfig } from './etcd.ts'
import { datastoreConfig } from './external-datastore.ts'
import { hardeningPart } from './hardening/hardening-config.ts'
import { nameServerPart } from './name-servers.ts'
import { registriesPart } from './registries.ts'
import { registryNames } from './registry-names.ts'

/** k3s's config.yaml as an object. Keys are k3s's own long flags (docs.k3s.io/cli/server, cli/agent). */
export type K3sConfig = Readonly<Record<string, unknown>>

export const secretFiles = {
  token: '/var/lib/appliance/secrets/token',
  agentToken: '/var/lib/appliance/secrets/agent-token',
} as const

const defaultApiPort = 6443

/** The server that starts the cluster. */
export const firstServer = (profile: ResolvedProfile): ResolvedNode | undefined =>
  profile.nodes.find((node) => node.role === 'server')

/** Where the API listens; the user may have moved it. */
export const apiPort = (profile: ResolvedProfile): number => {
  const port = profile.cluster.config['https-listen-port']
  return typeof port === 'number' ? port : defaultApiPort
}

/** `https://bakery.example.com:6443`; IPv6 literals in brackets. */
export const urlOf = (profile: ResolvedProfile, host: string): string =>
  `https://${host.includes(':') ? `[${host}]` : host}:${apiPort(profile)}`

export const apiUrl = (profile: ResolvedProfile): string => urlOf(profile, profile.cluster.endpoint)

/**
 * How a node comes into its cluster: one server starts it, every other node joins at an address. With an external datastore
 * further servers share it and dial nobody. The first one to reach the empty datastore puts its CAs there, and the others
 * take what they find (k3s pkg/cluster/storage.go), so all of them carry the same, and any may be the first.
 */
export type ClusterEntry =
  | { readonly kind: 'starts' }
  | { readonly kind: 'shares' }
  | { readonly kind: 'joins'; readonly server: string }

export const entryOf = (profile: ResolvedProfile, node: ResolvedNode): ClusterEntry => {
  if (firstServer(profile)?.name === node.name) return { kind: 'starts' }
  return node.role === 'server' && profile.cluster.datastore.kind === 'external'
    ? { kind: 'shares' }
    : { kind: 'joins', server: apiUrl(profile) }
}

const isIpv6 = (address: string): boolean => address.includes(':')

/** A list, or one text with commas; a secret among the entries stays what it is. */
const listOf = (value: unknown): readonly unknown[] => {
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  return typeof value === 'string' ? value.split(',') : [value]
}

/** Static addresses without prefix, one of each family that the cluster's pods use; k3s guesses wrong with many (#6026). */
const nodeIps = (profile: ResolvedProfile, node: ResolvedNode): readonly string[] => {
  if (node.network.kind !== 'static') return []
  const addresses = node.network.addresses.map((address) => address.split('/')[0] ?? address)
  const podNetworks = listOf(profile.cluster.config['cluster-cidr'])
  const families =
    podNetworks.length > 0
      ? podNetworks.map((network) => isIpv6(String(network)))
      : addresses.slice(0, 1).map((address) => isIpv6(address))
  return [...new Set(families)].flatMap(
    (family) => addresses.find((address) => isIpv6(address) === family) ?? [],
  )
}

/**
 * What one concern asks of config.yaml. Parts are joined in order: entries of repeatable flags that several parts name are
 * put together, each once; of single values the later part's counts. `*-arg` lists are joined flag by flag.
 */
export type K3sConfigPart = (
  profile: ResolvedProfile,
  node: ResolvedNode,
  entry: ClusterEntry,
) => Readonly<Record<string, unknown>>

/** The user's settings, before ours: what the tool must decide itself was refused in them. Those of the node come last. */
const userPart: K3sConfigPart = ({ cluster }, { role, k3s }) =>
  joinParts([cluster.agentConfig, role === 'server' ? cluster.config : {}, k3s])

const nodePart: K3sConfigPart = (profile, node) => {
  const ips = nodeIps(profile, node)
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`)
  return {
    'node-name': node.name,
    ...(ips.length > 0 ? { 'node-ip': ips.join(',') } : {}),
    'node-label': labels.sort(),
    'node-taint': node.taints,
    'token-file': secretFiles.token,
  }
}

const serverPart: K3sConfigPart = (profile, node) => {
  if (node.role !== 'server') return {}
  const { disable, endpoint, vip } = profile.cluster
  const [firstIp] = nodeIps(profile, node)
  return {
    'agent-token-file': secretFiles.agentToken,
    'tls-san': [endpoint, node.name, ...(vip === null ? [] : [vip.address])],
    ...(firstIp === undefined ? {} : { 'advertise-address': firstIp }),
    disable,
  }
}

/** With sqlite there is one server, which starts the cluster by itself; embedded etcd has to be asked for. */
const entryPart: K3sConfigPart = (profile, _node, entry) => {
  if (entry.kind === 'joins') return { server: entry.server }
  return profile.cluster.datastore.kind === 'etcd' ? { 'cluster-init': true } : {}
}

const parts: readonly K3sConfigPart[] = [
  hardeningPart,
  userPart,
  nodePart,
  serverPart,
  snapshotConfig,
  datastoreConfig,
  entryPart,
  registryNames,
  registriesPart,
  nameServerPart,
  clusterInterfacePart,
]

const joinParts = (all: readonly Readonly<Record<string, unknown>>[]): K3sConfig => {
  const joined: Record<string, unknown> = {}
  for (const [key, value] of all.flatMap((part) => Object.entries(part))) {
    const before = joined[key]
    if (key.endsWith('-arg')) {
      joined[key] = joinArgs(before, value)
      continue
    }
    const isRepeated = before !== undefined && (Array.isArray(before) || Array.isArray(value))
    joined[key] = isRepeated ? [...new Set([...listOf(before), ...listOf(value)])] : value
  }
  return joined
}

/** Keys in one order, whatever the order in the profile: the same settings are the same bytes. */
export const planK3sConfig = (
  profile: ResolvedProfile,
  node: ResolvedNode,
  entry: ClusterEntry = entryOf(profile, node),
): K3sConfig =>
  Object.fromEntries(
    Object.entries(joinParts(parts.map((part) => part(profile, node, entry))))
      .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
