import { k3sArgs } from '../k3s-arg.ts'
import { k3sSettings } from '../k3s-settings.ts'
import { clusterCidrs } from './cluster-network.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'

/** Length of a node's own part of the pod network, unless set (kubernetes.io, kube-controller-manager). */
const usualMask = { 4: 24, 6: 64 } as const

const maskFlags = {
  4: ['node-cidr-mask-size', 'node-cidr-mask-size-ipv4'],
  6: ['node-cidr-mask-size', 'node-cidr-mask-size-ipv6'],
} as const

/** How long the network of a node is, and where that is said. */
const maskOf = ({ profile }: RuleContext, family: 4 | 6) => {
  const name = 'kube-controller-manager-arg'
  const args = k3sArgs({
    value: profile.cluster.k3s.config?.[name],
    path: ['cluster', 'k3s', 'config', name],
  })
  const names: readonly string[] = maskFlags[family]
  const own = args.findLast((arg) => names.includes(arg.name))
  return { own, mask: Number(own?.value ?? usualMask[family]) }
}

/**
 * Each node gets a network of its own out of the pod network; one that gets none is never ready. A part may be at most 16
 * bits longer than the whole (k8s.io/kubernetes/pkg/controller/nodeipam/ipam/cidrset, clusterSubnetMaxDiff).
 */
export const podNetworkForAll: Rule = (context) => {
  if (!context.isSound(['cluster', 'k3s', 'config'])) return []
  const pods = clusterCidrs(context).filter(({ key }) => key === 'cluster-cidr')
  return pods.flatMap(({ value, text, path }) => {
    const { family } = value.address
    const { own, mask } = maskOf(context, family)
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

/** The kubelet would start pods that no address is left for. */
export const addressForEachPod: Rule = (context) => {
  if (!context.isSound(['cluster', 'k3s', 'config'])) return []
  if (!clusterCidrs(context).some(({ key, value }) => key === 'cluster-cidr' && value.address.family === 4))
    return []
  const { mask } = maskOf(context, 4)
  const most = 2 ** (32 - mask) - 2
  return k3sSettings(context)
    .filter(({ name }) => name === 'kubelet-arg')
    .flatMap((setting) => k3sArgs(setting))
    .filter(({ name, value }) => name === 'max-pods' && Number(value) > most)
    .map(({ path, value }) =>
      faultAt(context, 'R0341', path, `${value} pods have ${most} addresses in the /${mask} of their node`, {
        severity: 'warning',
        help: 'set `node-cidr-mask-size` in `kube-controller-manager-arg` to a shorter one, or allow fewer pods',
      }),
    )
}
