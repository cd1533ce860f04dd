import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import { flannelBackend } from './cluster-networks.ts'
import type { K3sConfigPart } from './k3s-config.ts'
import { radioUse } from './wifi.ts'

/** Whether flannel is ours to lead: it is there, and the user has not named an interface. */
const isOurs = (profile: ResolvedProfile, node: ResolvedNode): boolean =>
  flannelBackend(profile) !== 'none' &&
  [profile.cluster.config, profile.cluster.agentConfig, node.k3s].every(
    (settings) => settings['flannel-iface'] === undefined,
  )

/** How the interface that the cluster uses is told from others. */
export const clusterMatch = (node: ResolvedNode) => node.interfaces.find(({ cluster }) => cluster)?.match

/** Without it the packets of pods go over the interface with the default route (k3s-io/k3s#6026). */
export const clusterInterfacePart: K3sConfigPart = (profile, node) => {
  const match = clusterMatch(node)
  return match?.kind === 'name' && isOurs(profile, node) ? { 'flannel-iface': match.name } : {}
}

/** A hardware address, whose name only the node knows: the launcher tells k3s. */
export const clusterMac = (profile: ResolvedProfile, node: ResolvedNode): string | null => {
  const match = clusterMatch(node)
  return match?.kind === 'mac' && isOurs(profile, node) ? match.mac : null
}

/** A radio, whose name only the node knows, too, and whether a cable has an address. */
export const clusterRadio = (profile: ResolvedProfile, node: ResolvedNode): ReturnType<typeof radioUse> =>
  isOurs(profile, node) ? radioUse(node) : ''
