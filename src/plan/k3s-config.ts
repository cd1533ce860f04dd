import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'

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

/** How a node comes into its cluster: one server starts it, every other node joins at an address. */
export type ClusterEntry = { readonly kind: 'starts' } | { readonly kind: 'joins'; readonly server: string }

export const entryOf = (profile: ResolvedProfile, node: ResolvedNode): ClusterEntry =>
  firstServer(profile)?.name === node.name ? { kind: 'starts' } : { kind: 'joins', server: apiUrl(profile) }

const isIpv6 = (address: string): boolean => address.includes(':')

const listOf = (value: unknown): readonly string[] =>
  value === undefined ? [] : (Array.isArray(value) ? value : String(value).split(',')).map(String)

/** Static addresses without prefix, one of each family that the cluster's pods use; k3s guesses wrong with many (#6026). */
const nodeIps = (profile: ResolvedProfile, node: ResolvedNode): readonly string[] => {
  if (node.network.kind !== 'static') return []
  const addresses = node.network.addresses.map((address) => address.split('/')[0] ?? address)
  const podNetworks = listOf(profile.cluster.config['cluster-cidr'])
  const families =
    podNetworks.length > 0 ? podNetworks.map(isIpv6) : addresses.slice(0, 1).map((address) => isIpv6(address))
  return [...new Set(families)].flatMap(
    (family) => addresses.find((address) => isIpv6(address) === family) ?? [],
  )
}

/** Ours and the user's entries of a repeatable flag, each once. */
const merged = (...lists: readonly unknown[]): readonly string[] => [...new Set(lists.flatMap(listOf))]

const nonEmpty = (config: Record<string, unknown>): K3sConfig =>
  Object.fromEntries(
    Object.entries(config).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
  )

const agentPart = (profile: ResolvedProfile, node: ResolvedNode): Record<string, unknown> => {
  const ips = nodeIps(profile, node)
  const { agentConfig } = profile.cluster
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`)
  return {
    ...agentConfig,
    'node-name': node.name,
    ...(ips.length > 0 ? { 'node-ip': ips.join(',') } : {}),
    'node-label': merged(agentConfig['node-label'], labels.sort()),
    'node-taint': merged(agentConfig['node-taint'], node.taints),
    'token-file': secretFiles.token,
  }
}

const serverPart = (profile: ResolvedProfile, node: ResolvedNode): Record<string, unknown> => {
  const { config, disable, endpoint } = profile.cluster
  const [firstIp] = nodeIps(profile, node)
  return {
    ...config,
    'agent-token-file': secretFiles.agentToken,
    'tls-san': merged(config['tls-san'], [endpoint, node.name]),
    ...(firstIp === undefined ? {} : { 'advertise-address': firstIp }),
    disable: merged(config['disable'], disable),
  }
}

/** With sqlite there is one server, which starts the cluster by itself; embedded etcd has to be asked for. */
const entryPart = (profile: ResolvedProfile, entry: ClusterEntry): Record<string, unknown> => {
  if (entry.kind === 'joins') return { server: entry.server }
  return profile.cluster.datastore === 'etcd' ? { 'cluster-init': true } : {}
}

export const planK3sConfig = (
  profile: ResolvedProfile,
  node: ResolvedNode,
  entry: ClusterEntry = entryOf(profile, node),
): K3sConfig =>
  nonEmpty({
    ...agentPart(profile, node),
    ...(node.role === 'server' ? serverPart(profile, node) : {}),
    ...entryPart(profile, entry),
  })
