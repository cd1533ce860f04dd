import type { Cidr } from '../profile/ip-address.ts'
import { contains, networkText, parseAddress, parseCidr } from '../profile/ip-address.ts'
import { nodesWord } from '../profile/rules/firewall.ts'
import type { Profile } from '../profile/schema.ts'
import { addressesOf } from './interfaces.ts'
import type { ResolvedNode } from './resolved-profile.ts'

/** Networks in the form `192.168.10.0/24`, both families, none within another; empty: nobody. */
type Networks = readonly string[]

/** From anywhere, or only from these. */
export type Sources = 'anywhere' | { readonly networks: Networks; readonly nodes: boolean }

export interface ResolvedFirewall {
  /** Where the nodes of the cluster come from, and the servers among them. */
  readonly nodes: Networks
  readonly servers: Networks
  readonly api: Sources
  readonly ssh: Sources
  readonly trusted: Networks
  readonly allow: readonly {
    /** `9100`, `30000-32767`. */
    readonly ports: readonly string[]
    readonly protocol: 'tcp' | 'udp'
    readonly from: Sources
  }[]
}

/** A bare address is the network of that address alone. */
export const parseNetwork = (text: string): Cidr | undefined => {
  const address = parseAddress(text)
  return address === undefined ? parseCidr(text) : { address, prefix: address.family === 4 ? 32 : 128 }
}

/** Sorted, each once; what lies within another is left out: sets of nftables take no overlaps. */
const merged = (texts: readonly string[]): Networks => {
  const cidrs = [
    ...new Map(
      texts.flatMap((text) => {
        const cidr = parseNetwork(text)
        return cidr === undefined ? [] : [[networkText(cidr), cidr] as const]
      }),
    ),
  ]
  return cidrs
    .filter(
      ([, cidr]) =>
        !cidrs.some(
          ([, other]) => other !== cidr && other.prefix < cidr.prefix && contains(other, cidr.address),
        ),
    )
    .toSorted(([, a], [, b]) =>
      a.address.family === b.address.family
        ? a.address.value < b.address.value
          ? -1
          : 1
        : a.address.family - b.address.family,
    )
    .map(([text]) => text)
}

const sources = (texts: readonly string[] | undefined): Sources =>
  texts === undefined
    ? 'anywhere'
    : { networks: merged(texts.filter((text) => text !== nodesWord)), nodes: texts.includes(nodesWord) }

const hostOf = (address: string): string => address.split('/')[0] ?? address

export const resolveFirewall = (
  profile: Profile,
  nodes: readonly ResolvedNode[],
): ResolvedFirewall | null => {
  const firewall = profile.site?.firewall
  if (firewall === undefined) return null
  const { nodes: networks = [], api, ssh, trusted = [], allow = [] } = firewall
  const servers = nodes.filter(({ role }) => role === 'server')
  // Who holds the virtual address may speak from it: IPv6 prefers it, a /128, to the address of the machine (RFC 6724, rule 8).
  const vip = profile.cluster.vip === undefined ? [] : [profile.cluster.vip.address]
  const someServerMoves = servers.some(({ network }) => network.kind === 'dhcp')
  return {
    nodes: merged([...networks, ...vip, ...addressesOf(nodes).map(hostOf)]),
    servers: merged([...(someServerMoves ? networks : []), ...vip, ...addressesOf(servers).map(hostOf)]),
    api: sources(api === undefined ? undefined : [...api, nodesWord]),
    ssh: sources(ssh),
    trusted: merged(trusted),
    allow: allow.map(({ ports, protocol, from }) => ({
      ports: ports.map(String),
      protocol: protocol ?? 'tcp',
      from: sources(from),
    })),
  }
}
