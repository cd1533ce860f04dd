import type { EffectiveNode } from '../profile/effective-node.ts'
import { everyWired, isByRadio } from '../profile/effective-node.ts'
import type { ResolvedInterface, ResolvedNetwork, ResolvedNode } from './resolved-profile.ts'

/** Static addresses of nodes, of every interface, as `192.168.10.11/24`. */
export const addressesOf = (nodes: readonly ResolvedNode[]): readonly string[] =>
  nodes.flatMap(({ interfaces }) =>
    interfaces.flatMap(({ network }) => (network.kind === 'static' ? network.addresses : [])),
  )

const isIpv4 = (address: string): boolean => !address.includes(':')

/**
 * With several interfaces one default gateway of IPv4 is taken: a static one, else DHCP's on the interface of the cluster,
 * else on the first under DHCP.
 */
const gatewayOf = (all: readonly Pick<ResolvedInterface, 'cluster' | 'network'>[]): number => {
  const isDhcp = ({ network }: Pick<ResolvedInterface, 'network'>): boolean => network.kind === 'dhcp'
  const fixed = all.findIndex(({ network }) => network.kind === 'static' && network.gateways.some(isIpv4))
  if (fixed !== -1) return fixed
  const own = all.findIndex((each) => each.cluster && isDhcp(each))
  return own === -1 ? all.findIndex(isDhcp) : own
}

export const resolveInterfaces = (
  node: EffectiveNode,
  resolveNetwork: (node: Pick<EffectiveNode, 'network'>) => ResolvedNetwork,
): readonly ResolvedInterface[] => {
  const { wifi } = node.network
  if (wifi === undefined) return wiredInterfaces(node, resolveNetwork)
  const cluster = isByRadio(node.network)
  const { address, gateway, dns } = wifi
  const own = {
    ...(address === undefined ? {} : { address }),
    ...(gateway === undefined ? {} : { gateway }),
    ...(dns === undefined ? {} : { dns }),
  }
  const wired: readonly ResolvedInterface[] = cluster
    ? [{ match: { kind: 'wired' }, cluster: false, network: { kind: 'dhcp' }, takesGateway: true }]
    : wiredInterfaces(node, resolveNetwork)
  return [
    ...wired,
    { match: { kind: 'radio' }, cluster, network: resolveNetwork({ network: own }), takesGateway: true },
  ]
}

const wiredInterfaces = (
  node: EffectiveNode,
  resolveNetwork: (node: EffectiveNode) => ResolvedNetwork,
): readonly ResolvedInterface[] => {
  const { interfaces } = node.network
  if (interfaces === undefined)
    return [{ match: { kind: 'wired' }, cluster: true, network: resolveNetwork(node), takesGateway: true }]
  const all = everyWired(node).map((each, index) => {
    const { name, mac, cluster } = interfaces[index] ?? {}
    return {
      match:
        name === undefined
          ? ({ kind: 'mac', mac: (mac ?? '').toLowerCase() } as const)
          : ({ kind: 'name', name } as const),
      cluster: interfaces.length === 1 || cluster === true,
      network: resolveNetwork(each),
    }
  })
  const gateway = gatewayOf(all)
  return all.map((each, index) => ({ ...each, takesGateway: index === gateway }))
}
