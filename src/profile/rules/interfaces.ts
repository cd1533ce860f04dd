import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { EffectiveNode, ProfileInterface } from '../effective-node.ts'
import { everyInterface, everyWired } from '../effective-node.ts'
import type { Rule } from './context.ts'
import { duplicates, faultAt } from './context.ts'
import { gatewaysOf, once } from './network.ts'

/** A rule about a node's network, asked about each of its interfaces. */
export const onEveryInterface =
  (rule: Rule): Rule =>
  (context) =>
    rule({ ...context, nodes: context.nodes.flatMap(everyInterface) })

interface Placed {
  readonly node: EffectiveNode
  readonly own: ProfileInterface
  readonly path: Path
}

const interfacesOf = (node: EffectiveNode): readonly Placed[] =>
  (node.network.interfaces ?? []).map((own, index) => ({
    node,
    own,
    path: node.origin(['network', 'interfaces', index]),
  }))

/** IFNAMSIZ of the kernel is 16 with the final zero. */
const isName = (name: string): boolean => /^[A-Za-z0-9._-]{1,15}$/.test(name)

const isMac = (mac: string): boolean =>
  /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac) && !/^.[13579bdf]/i.test(mac) && !/^[0:]+$/.test(mac)

export const interfaceNames: Rule = (context) =>
  once(
    context.nodes.flatMap(interfacesOf).flatMap(({ own, path }): readonly Diagnostic[] => {
      const { name, mac } = own
      if ((name === undefined) === (mac === undefined))
        return [
          faultAt(context, 'R1330', path, 'an interface is told by its name or by its hardware address', {
            help: 'give one of `name` and `mac`',
          }),
        ]
      if (name !== undefined && !isName(name))
        return [
          faultAt(context, 'R1330', [...path, 'name'], `\`${name}\` is not the name of an interface`, {
            help: 'write one name as `ip link` shows it, such as `eth0`, without wildcards',
          }),
        ]
      if (mac !== undefined && !isMac(mac))
        return [
          faultAt(context, 'R1330', [...path, 'mac'], `\`${mac}\` is not the hardware address of a machine`, {
            help: 'write it as 02:00:5e:10:00:01, as `ip link` shows it',
          }),
        ]
      return []
    }),
  )

export const interfacesOnce: Rule = (context) => {
  const all = context.nodes.flatMap(interfacesOf)
  const names = context.nodes.flatMap((node) => duplicates(interfacesOf(node), ({ own }) => own.name))
  // A card is in one machine alone; under `defaults` every node would have it.
  const macs = duplicates(all, ({ own }) => own.mac?.toLowerCase())
  return once(
    [
      ...names.map((pair) => ({ ...pair, key: 'name' as const })),
      ...macs.map((pair) => ({ ...pair, key: 'mac' as const })),
    ].map(({ item, first, key }) =>
      faultAt(context, 'R1333', [...item.path, key], `\`${item.own[key]}\` is named twice`, {
        help:
          key === 'mac' && item.node !== first.node
            ? `it is an interface of \`${first.node.name}\` already`
            : 'put what it needs into one entry',
        related: [{ path: [...first.path, key], note: 'first named here' }],
      }),
    ),
  )
}

export const oneClusterInterface: Rule = (context) =>
  once(
    context.nodes.flatMap((node): readonly Diagnostic[] => {
      const all = interfacesOf(node)
      const chosen = all.filter(({ own }) => own.cluster === true)
      const [, second] = chosen
      if (all.length > 1 && chosen.length === 0)
        return [
          faultAt(
            context,
            'R1331',
            node.origin(['network', 'interfaces']),
            'no interface is said to be the one that the cluster uses',
            { part: 'key', help: 'write `cluster: true` in the one over which nodes reach each other' },
          ),
        ]
      return second === undefined || chosen[0] === undefined
        ? []
        : [
            faultAt(context, 'R1331', [...second.path, 'cluster'], 'a second interface for the cluster', {
              help: 'nodes reach each other over one: choose it',
              related: [{ path: [...chosen[0].path, 'cluster'], note: 'the first one' }],
            }),
          ]
    }),
  )

/** k3s takes the address of the interface with the default route, unless it is told one; nobody knows DHCP's beforehand. */
export const clusterAddressKnown: Rule = (context) =>
  once(
    context.nodes.flatMap((node) => {
      if (node.network.interfaces === undefined || node.network.address !== undefined) return []
      const way = everyWired(node).flatMap((each) =>
        each.network.address === node.network.address ? [] : gatewaysOf(each),
      )[0]
      if (way === undefined) return []
      return [
        faultAt(
          context,
          'R1332',
          way.path,
          `\`${node.name}\` would be known to its cluster by the address of this interface`,
          {
            help: 'give the interface of the cluster a static address, or leave the default gateway to its DHCP',
          },
        ),
      ]
    }),
  )

export const oneDefaultGateway: Rule = (context) =>
  once(
    context.nodes.flatMap((node) => {
      if (node.network.interfaces === undefined) return []
      const gateways = everyWired(node).flatMap(gatewaysOf)
      return duplicates(gateways, ({ value }) => String(value.family)).map(({ item, first }) =>
        faultAt(
          context,
          'R1334',
          item.path,
          `a second default gateway for IPv${item.value.family}: \`${item.text}\``,
          {
            help: 'packets leave by one of them: choose it',
            related: [{ path: first.path, note: 'the first one' }],
          },
        ),
      )
    }),
  )

export const oneFormOfNetwork: Rule = ({ profile, ...context }) => {
  const holders = [
    { network: profile.defaults?.network, path: ['defaults', 'network'] as Path },
    ...context.nodes.map(({ index }, position) => ({
      network: profile.nodes[position]?.network,
      path: ['nodes', index, 'network'] as Path,
    })),
  ]
  return holders.flatMap(({ network, path }) => {
    if (network?.interfaces === undefined) return []
    const key = (['dhcp', 'address', 'gateway', 'dns'] as const).find((name) => network[name] !== undefined)
    return key === undefined
      ? []
      : [
          faultAt(context, 'R1335', [...path, key], `\`${key}\` stands beside \`interfaces\``, {
            part: 'key',
            help: 'move it into the interface that it is about',
            related: [{ path: [...path, 'interfaces'], note: 'the interfaces' }],
          }),
        ]
  })
}
