import { contains } from '../ip-address.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'
import { addressesOf } from './network.ts'

const path = ['cluster', 'k3s', 'config', 'flannel-backend'] as const

const backendOf = ({ profile }: RuleContext): unknown => profile.cluster.k3s.config?.['flannel-backend']

/** host-gw writes routes with the other node as the gateway, which must be a neighbour (flannel, backends.md). */
export const neighboursOfHostGw: Rule = (context) => {
  if (backendOf(context) !== 'host-gw') return []
  const [first, ...others] = context.nodes.flatMap((node) => {
    const addresses = addressesOf(node)
    return addresses.length === 0 ? [] : [{ node, addresses }]
  })
  if (first === undefined) return []
  const far = others.find(
    ({ addresses }) =>
      !addresses.some(({ value }) => first.addresses.some((own) => contains(own.value, value.address))),
  )
  const address = far?.addresses[0]
  if (far === undefined || address === undefined) return []
  return [
    faultAt(
      context,
      'R1320',
      address.path,
      `\`${far.node.name}\` and \`${first.node.name}\` are in different networks, and host-gw needs all nodes in one`,
      {
        help: 'use `vxlan` or `wireguard-native`, which go through routers',
        related: [{ path, note: 'the backend' }],
      },
    ),
  ]
}

/** Without any network of the pods no node ever becomes ready. */
export const networkOfYourOwn: Rule = (context) => {
  if (backendOf(context) !== 'none') return []
  const { manifests = [], charts = [] } = context.profile.images ?? {}
  if (manifests.length + charts.length > 0) return []
  if (!context.isSound(['images'])) return []
  return [
    faultAt(context, 'R1321', path, 'k3s is told to bring no network for pods, and nothing else brings one', {
      severity: 'warning',
      help: 'add the manifests or the chart of a CNI under `images`: until one is there no node is ready',
    }),
  ]
}
