import type { Sources } from '../../resolve/firewall.ts'
import type { ResolvedNode, ResolvedProfile } from '../../resolve/resolved-profile.ts'
import { deploys, flannelBackend, podNetworks } from '../cluster-networks.ts'
import { apiPort } from '../k3s-config.ts'
import { anyOf } from './nft-text.ts'

/** Interfaces that k3s's own network makes: the bridge of the pods and the ends of the tunnels between nodes (flannel). */
const podInterfaces = ['cni0', 'flannel.1', 'flannel-v6.1', 'flannel-wg', 'flannel-wg-v6'] as const

/** Ports on which nodes carry the packets of pods (flannel's backends.md; k3s docs, requirements, "Inbound Rules"). */
const overlayPorts: Readonly<Record<string, readonly string[]>> = {
  vxlan: ['8472'],
  'wireguard-native': ['51820', '51821'],
  wireguard: ['51820', '51821'],
}

const kubeletPort = '10250'
const embeddedRegistryPort = '5001'

const isIpv6 = (network: string): boolean => network.includes(':')

export const ofFamily = (networks: readonly string[], family: 4 | 6): readonly string[] =>
  networks.filter((network) => isIpv6(network) === (family === 6))

/** `ip saddr 10.0.0.0/8 `, one line for each family that there is. */
const fromNetworks = (networks: readonly string[], rest: string): readonly string[] =>
  ([4, 6] as const).flatMap((family) => {
    const own = ofFamily(networks, family)
    return own.length === 0 ? [] : [`${family === 4 ? 'ip' : 'ip6'} saddr ${anyOf(own)} ${rest}`]
  })

const fromNodes = (rest: string): readonly string[] => [
  `ip saddr @nodes4 ${rest}`,
  `ip6 saddr @nodes6 ${rest}`,
]
const fromServers = (rest: string): readonly string[] => [
  `ip saddr @servers4 ${rest}`,
  `ip6 saddr @servers6 ${rest}`,
]

const from = (sources: Sources, rest: string): readonly string[] =>
  sources === 'anywhere'
    ? [rest]
    : [...(sources.nodes ? fromNodes(rest) : []), ...fromNetworks(sources.networks, rest)]

/** Addresses of pods count only where the way back to them is the way they came: anybody can write a sender. */
const podsByAddress = (profile: ResolvedProfile): readonly string[] =>
  ['host-gw', 'none'].includes(flannelBackend(profile))
    ? fromNetworks(podNetworks(profile), 'fib saddr . iif oif exists accept')
    : []

const fromPods = (profile: ResolvedProfile): readonly string[] => [
  `iifname ${anyOf(podInterfaces.map((name) => `"${name}"`))} accept`,
  ...podsByAddress(profile),
]

/** What the network itself needs (RFC 4890), and answers of a DHCP server, which come from where nothing was sent to. */
const networkItself: readonly string[] = [
  'icmp type { destination-unreachable, echo-request, time-exceeded, parameter-problem } accept',
  'icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request } accept',
  'icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept',
  'icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } accept',
  'udp sport 67 udp dport 68 accept',
  'ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept',
]

/** Whether a member of the cluster's own etcd runs on the node. */
export const hasEtcd = (profile: ResolvedProfile, node: ResolvedNode): boolean =>
  node.role === 'server' && profile.cluster.datastore.kind === 'etcd'

const apiRules = (profile: ResolvedProfile, api: Sources): readonly string[] => [
  ...from(api, `tcp dport ${apiPort(profile)} accept`),
]

/** Agents, too, give images away on the port of the API (k3s docs, "Embedded Registry Mirror"). */
const embeddedRegistryRules = (profile: ResolvedProfile): readonly string[] =>
  profile.cluster.registries?.embedded === true || profile.cluster.config['embedded-registry'] === true
    ? fromNodes(`tcp dport { ${embeddedRegistryPort}, ${apiPort(profile)} } accept`)
    : []

/** What is never open to others than nodes, counted, so that a look at the table tells whether somebody tries. */
const overlayRules = (profile: ResolvedProfile): readonly string[] => {
  const ports = overlayPorts[flannelBackend(profile)]
  return ports === undefined
    ? []
    : [...fromNodes(`udp dport ${anyOf(ports)} accept`), `udp dport ${anyOf(ports)} counter drop`]
}

/**
 * Ports that everybody sees, those of Services among them: kube-proxy rewrites the destination before any chain here is
 * asked, so they are told by the port that was asked for.
 */
export const openPorts = (profile: ResolvedProfile): readonly string[] => {
  const { allow = [] } = profile.site.firewall ?? {}
  return [
    ...(deploys(profile, 'servicelb') && deploys(profile, 'traefik')
      ? ['meta l4proto tcp ct original proto-dst { 80, 443 } accept']
      : []),
    ...allow.flatMap(({ ports, protocol, from: sources }) =>
      from(sources, `meta l4proto ${protocol} ct original proto-dst ${anyOf(ports)} accept`),
    ),
  ]
}

/** To the node itself. */
export const inputRules = (profile: ResolvedProfile, node: ResolvedNode): readonly string[] => {
  const { firewall } = profile.site
  if (firewall === null) return []
  return [
    'ct state vmap { established : accept, related : accept, invalid : drop }',
    'iifname "lo" accept',
    ...fromPods(profile),
    ...networkItself,
    ...fromNetworks(firewall.trusted, 'accept'),
    ...from(firewall.ssh, 'tcp dport 22 accept'),
    ...(node.role === 'server' ? apiRules(profile, firewall.api) : []),
    ...(hasEtcd(profile, node) ? fromServers('tcp dport { 2379, 2380 } accept') : []),
    ...fromNodes(`tcp dport ${kubeletPort} accept`),
    ...embeddedRegistryRules(profile),
    ...overlayRules(profile),
    'jump open',
    'counter',
  ]
}

/**
 * Through the node: to pods, by a Service or by their own address. What has no end in the cluster is none of our business,
 * and k3s's own rules judge all of it as well.
 */
export const forwardRules = (profile: ResolvedProfile): readonly string[] => [
  'ct state vmap { established : accept, related : accept }',
  ...fromPods(profile),
  ...fromNodes('accept'),
  ...fromNetworks(profile.site.firewall?.trusted ?? [], 'accept'),
  'jump open',
  'ct status dnat counter drop',
  ...(['ip', 'ip6'] as const).flatMap((family) => {
    const pods = ofFamily(podNetworks(profile), family === 'ip' ? 4 : 6)
    return pods.length === 0 ? [] : [`${family} daddr ${anyOf(pods)} counter drop`]
  }),
]
