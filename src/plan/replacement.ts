import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { BuildPlan, NodePlan } from './build-plan.ts'
import { entryOf, firstServer, planK3sConfig, urlOf } from './k3s-config.ts'
import { shownSecrets } from './secret-text.ts'
import type { SeedOptions } from './seed-files.ts'
import { planSeed } from './seed-files.ts'

/**
 * What stands and falls with a node. `nothing`: an agent, whose place its successor takes. `member`: a server among several,
 * which receives the datastore from the others. `datastore`: the only server, and all that the cluster knows with it.
 * `access`: a server whose datastore is elsewhere, and stays.
 */
export type ReplacedPart = 'nothing' | 'member' | 'datastore' | 'access'

export const replacedPart = (profile: ResolvedProfile, name: string): ReplacedPart => {
  const servers = profile.nodes.filter(({ role }) => role === 'server')
  if (!servers.some((server) => server.name === name)) return 'nothing'
  if (profile.cluster.datastore.kind === 'external') return 'access'
  return servers.length > 1 ? 'member' : 'datastore'
}

const hostsOf = ({ name, network }: ResolvedNode): readonly string[] => [
  ...(network.kind === 'static' ? network.addresses.map((address) => address.split('/')[0] ?? address) : []),
  name,
]

/**
 * Where a successor of the first server joins: at the cluster's endpoint, unless that is the lost server itself. With
 * `cluster-init` and an empty disk it would start a second cluster (docs.k3s.io/datastore/ha-embedded).
 */
const joinUrl = (profile: ResolvedProfile, lost: ResolvedNode): string => {
  const { endpoint } = profile.cluster
  const other = profile.nodes.find(({ role, name }) => role === 'server' && name !== lost.name)
  if (other === undefined) throw new Error(`there is no server beside ${lost.name} to join`)
  return urlOf(profile, hostsOf(lost).includes(endpoint) ? (hostsOf(other)[0] ?? other.name) : endpoint)
}

/** The plan of a node that takes the place of one of the same name. Everything before its seed is as it was. */
export const planReplacement = (
  profile: ResolvedProfile,
  plan: BuildPlan,
  name: string,
  backup: NonNullable<SeedOptions['backup']>,
): NodePlan => {
  const node = profile.nodes.find((candidate) => candidate.name === name)
  const planned = plan.nodes.find((candidate) => candidate.name === name)
  if (node === undefined || planned === undefined) throw new Error(`the plan has no node ${name}`)
  const isLostStarter = replacedPart(profile, name) === 'member' && firstServer(profile)?.name === name
  const entry = isLostStarter
    ? ({ kind: 'joins', server: joinUrl(profile, node) } as const)
    : entryOf(profile, node)
  return {
    ...planned,
    first: entry.kind === 'starts',
    seed: planSeed(profile, node, { entry, documents: planned.seed.documents, backup }),
    k3sConfig: shownSecrets(planK3sConfig(profile, node, entry)),
  }
}

/** What is left for a person to do, one line each. `kubeconfig` is the path of the administrator's. */
export const replacementSteps = (
  profile: ResolvedProfile,
  name: string,
  { kubeconfig, hasBackup }: { readonly kubeconfig: string; readonly hasBackup: boolean },
): readonly string[] => {
  const off = `turn the old ${name} off for good: two machines under one name disturb each other`
  switch (replacedPart(profile, name)) {
    case 'nothing':
      return [off, `start the new one: it has the old one's node password and joins by itself`]
    case 'member':
      return [
        off,
        `before the new one starts, take the lost member out of etcd: kubectl --kubeconfig ${kubeconfig} delete node ${name}`,
        'start the new one: it joins the other servers',
      ]
    case 'access':
      return [
        off,
        "start the new one: it finds the cluster in its datastore, and its name's node password is the same",
      ]
    case 'datastore':
      return hasBackup
        ? [off, 'start the new one: it begins with the backup, and the other nodes find it again']
        : [
            off,
            'start the new one: its cluster is empty',
            'on each other node: sudo systemctl restart k3s, so that it registers anew; then deploy again what ran there',
          ]
  }
}
