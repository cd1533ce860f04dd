import { k3sArgs } from '../k3s-arg.ts'
import { clusterCidrs } from './cluster-network.ts'
import type { Rule } from './context.ts'
import { faultAt } from './context.ts'

/** Length of a node's own part of the pod network, unless set (kubernetes.io, kube-controller-manager). */
const usualMask = { 4: 24, 6: 64 } as const

const maskFlags = {
  4: ['node-cidr-mask-size', 'node-cidr-mask-size-ipv4'],
  6: ['node-cidr-mask-size', 'node-cidr-mask-size-ipv6'],
} as const

/**
 * Each node gets a network of its own out of the pod network; one that gets none is never ready. A part may be at most 16
 * bits longer than the whole (k8s.io/kubernetes/pkg/controller/nodeipam/ipam/cidrset, clusterSubnetMaxDiff).
 */
export const podNetworkForAll: Rule = (context) => {
  if (!context.isSound(['cluster', 'k3s', 'config'])) return []
  const { config } = context.profile.cluster.k3s
  const at = ['cluster', 'k3s', 'config', 'kube-controller-manager-arg']
  const args = k3sArgs({ value: config?.['kube-controller-manager-arg'], path: at })
  const pods = clusterCidrs(context).filter(({ key }) => key === 'cluster-cidr')
  return pods.flatMap(({ value, text, path }) => {
    const { family } = value.address
    const names: readonly string[] = maskFlags[family]
    const own = args.findLast(({ name }) => names.includes(name))
    const mask = Number(own?.value ?? usualMask[family])
    const bits = mask - value.prefix
    if (!Number.isInteger(mask) || (bits >= 0 && bits <= 16 && 2 ** bits >= context.nodes.length)) return []
    const [message, help] =
      bits > 16
        ? [
            `${text} cannot be divided into networks of /${mask}`,
            `use one of /${mask - 16} or longer, or set \`node-cidr-mask-size-ipv${family}\` in \`kube-controller-manager-arg\``,
          ]
        : [
            `${text} holds ${bits < 0 ? 'no network' : `${2 ** bits} of the networks`} of /${mask} that each of ${context.nodes.length} nodes gets`,
            `use a larger one, such as ${family === 4 ? '10.42.0.0/16' : 'fd00:42::/56'}`,
          ]
    return [faultAt(context, 'R0339', path ?? own?.path ?? ['cluster', 'k3s'], message, { help })]
  })
}
