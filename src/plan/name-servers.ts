import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { K3sConfigPart } from './k3s-config.ts'
import type { SeedPart } from './seed-files.ts'

const resolvConf = '/etc/rancher/k3s/resolv.conf'

/** More are refused by the C library and cut off by kubelet. */
const mostServers = 3

const hasOwn = ({ cluster }: ResolvedProfile, node: ResolvedNode): boolean =>
  [cluster.config, cluster.agentConfig, node.k3s].some((settings) => settings['resolv-conf'] !== undefined)

/**
 * Where pods, CoreDNS first of all, have names looked up that are not the cluster's. k3s takes the host's file if there are
 * usable servers in it at that moment, and otherwise writes one with Google's (pkg/agent/config, locateOrGenerateResolvConf);
 * older ones give CoreDNS an empty file, and it does not start (k3s-io/k3s#2919). With static addresses nothing need be
 * found out. A site without name servers gets the node's own address: nobody listens there, so that a question about a name
 * of the outside fails at once and leaves no trace, instead of waiting for a server that cannot be reached.
 */
const serversOf = (node: ResolvedNode): readonly string[] => {
  if (node.network.kind !== 'static') return []
  const { dns, addresses } = node.network
  const own = addresses.slice(0, 1).map((address) => address.split('/')[0] ?? address)
  return dns.length > 0 ? dns.slice(0, mostServers) : own
}

export const nameServerPart: K3sConfigPart = (profile, node) =>
  serversOf(node).length === 0 || hasOwn(profile, node) ? {} : { 'resolv-conf': resolvConf }

export const nameServerFile: SeedPart = (profile, node) =>
  serversOf(node).length === 0 || hasOwn(profile, node)
    ? []
    : [
        {
          target: resolvConf,
          mode: 0o644,
          content: {
            kind: 'text',
            text: serversOf(node)
              .map((server) => `nameserver ${server}\n`)
              .join(''),
          },
        },
      ]
