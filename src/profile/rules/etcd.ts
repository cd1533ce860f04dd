import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { EffectiveNode } from '../effective-node.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'

/** Servers of a cluster on embedded etcd; none for other datastores. */
const members = ({ profile, nodes, isSound }: RuleContext): readonly EffectiveNode[] =>
  profile.cluster.k3s.datastore?.kind === 'etcd' && isSound(['cluster', 'k3s', 'datastore', 'kind'])
    ? nodes.filter(({ role }) => role === 'server')
    : []

const kind = ['cluster', 'k3s', 'datastore', 'kind']

/** Quorum is n/2 + 1 (docs.k3s.io/datastore/ha-embedded). One server is fine: more can join later. */
export const oddMembers: Rule = (context) => {
  const count = members(context).length
  if (count === 0 || count % 2 === 1 || !context.isSound(['nodes'])) return []
  return count === 2
    ? [
        faultAt(context, 'R1200', kind, 'with two servers etcd stands still when either of them fails', {
          help: 'use one server, or three',
        }),
      ]
    : [
        faultAt(context, 'R1201', kind, `${count} servers bear no more failures than ${count - 1} do`, {
          severity: 'warning',
          help: `use ${count - 1} servers, or ${count + 1}`,
        }),
      ]
}

/** A fault of an inherited value is the same for every node that inherits it: it is told once, with all their names. */
const byOrigin = (
  nodes: readonly EffectiveNode[],
  part: readonly string[],
): readonly { readonly path: Path; readonly names: string }[] => {
  const found = new Map<string, { path: Path; names: string[] }>()
  for (const node of nodes) {
    const path = node.origin(part)
    const known = found.get(path.join('/'))
    if (known === undefined) found.set(path.join('/'), { path, names: [node.name] })
    else known.names.push(node.name)
  }
  return [...found.values()].map(({ path, names }) => ({
    path,
    names: names.map((name) => `\`${name}\``).join(', '),
  }))
}

/** Said by the profile; of a board that is told nothing, what it usually runs from. */
export const fastMedium: Rule = (context) => {
  const usual = ({ board }: EffectiveNode): string | undefined => context.recipes.boards[board ?? '']?.medium
  const onCard = members(context).filter((node) => (node.storage.medium ?? usual(node)) === 'sd')
  const said = onCard.filter(({ storage }) => storage.medium !== undefined)
  const unsaid = onCard.filter(({ storage }) => storage.medium === undefined)
  return [...byOrigin(said, ['storage', 'medium']), ...byOrigin(unsaid, ['board'])].map(({ path, names }) =>
    faultAt(
      context,
      'R1202',
      path,
      `etcd of ${names} on an SD card: waits for its writes make k3s lose its leader and restart`,
      {
        severity: 'warning',
        help: 'use a drive for servers and say so (`storage: { medium: ssd }`, or `nvme`), or one server on sqlite',
      },
    ),
  )
}

export const fixedMembers: Rule = (context): readonly Diagnostic[] => {
  const wrong = members(context).filter(
    ({ index, network }) =>
      network.address === undefined &&
      context.isSound(['nodes', index, 'network']) &&
      context.isSound(['defaults', 'network']) &&
      // Neither DHCP nor an address, or a gateway without an address: told by other rules.
      network.dhcp !== false &&
      network.gateway === undefined &&
      network.dns === undefined,
  )
  const written = wrong.filter(({ network }) => network.dhcp === true)
  const fault = (path: Path, names: string) =>
    faultAt(context, 'R1203', path, `${names} would be a member of etcd without a fixed address`, {
      help: 'give each server `network.address`: an address that changes ends its membership',
    })
  return [
    ...byOrigin(written, ['network', 'dhcp']).map(({ path, names }) => fault(path, names)),
    ...wrong
      .filter((node) => !written.includes(node))
      .map(({ index, name }) => fault(['nodes', index, 'name'], `\`${name}\``)),
  ]
}

/** For every datastore that several servers can share. */
export const endpointOfAll: Rule = (context) => {
  const { endpoint, vip } = context.profile.cluster
  const [first, ...others] = context.nodes.filter(({ role }) => role === 'server')
  const kindOfStore = context.profile.cluster.k3s.datastore?.kind ?? 'sqlite'
  if (first === undefined || others.length === 0 || kindOfStore === 'sqlite') return []
  if (endpoint !== undefined || vip !== undefined || !context.isSound(['cluster'])) return []
  return [
    faultAt(
      context,
      'R1204',
      ['nodes', first.index, 'name'],
      `kubeconfig and joins lead to \`${first.name}\` alone, one of ${others.length + 1} servers`,
      {
        severity: 'warning',
        help: 'set `cluster.vip`, or `cluster.endpoint` to a name that leads to all servers',
      },
    ),
  ]
}
