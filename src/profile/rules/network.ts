import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { EffectiveNode } from '../effective-node.ts'
import { listOf } from '../effective-node.ts'
import type { Cidr, IpAddress } from '../ip-address.ts'
import { contains, isUnusable, lastOf, networkOf, parseAddress, parseCidr } from '../ip-address.ts'
import type { Rule, RuleContext } from './context.ts'
import { duplicates, faultAt } from './context.ts'

interface Placed<T> {
  readonly value: T
  readonly text: string
  readonly path: Path
}

/** Addresses of a node that can be read, with the place where each is written. */
export const addressesOf = (node: EffectiveNode): readonly Placed<Cidr>[] =>
  listOf(node.network.address, ['network', 'address']).flatMap(({ text, part }) => {
    const value = parseCidr(text)
    return value === undefined ? [] : [{ value, text, path: node.origin(part) }]
  })

export const gatewaysOf = (node: EffectiveNode): readonly Placed<IpAddress>[] =>
  listOf(node.network.gateway, ['network', 'gateway']).flatMap(({ text, part }) => {
    const value = parseAddress(text)
    return value === undefined ? [] : [{ value, text, path: node.origin(part) }]
  })

/** A fault of an inherited value is found once for each node that inherits it: report it once. */
export const once = (faults: readonly Diagnostic[]): readonly Diagnostic[] => {
  const seen = new Set<string>()
  return faults.filter((fault) => {
    const key = `${fault.code} ${fault.range?.start} ${fault.message}`
    return !seen.has(key) && seen.add(key)
  })
}

export const wellFormedAddresses: Rule = (context) =>
  once(
    context.nodes.flatMap((node) => [
      ...listOf(node.network.address, ['network', 'address']).flatMap(({ text, part }) => {
        const fault = addressFault(text)
        return fault === undefined ? [] : [faultAt(context, 'R0201', node.origin(part), ...fault)]
      }),
      ...[
        ...listOf(node.network.gateway, ['network', 'gateway']),
        ...listOf(node.network.dns, ['network', 'dns']),
      ].flatMap(({ text, part }) => {
        const address = parseAddress(text)
        if (address !== undefined && (address.family === 6 || !isUnusable(address))) return []
        return [
          faultAt(context, 'R0201', node.origin(part), `\`${text}\` is not an address`, {
            help: 'write a plain address such as 192.168.10.1, without a prefix length',
          }),
        ]
      }),
    ]),
  )

/** A gateway may be one of these; k3s takes none for the address of a node (k3s-io/k3s#7865). */
const linkLocal: Cidr = { address: { family: 4, value: 0xa9fe0000n }, prefix: 16 }

const addressFault = (text: string): readonly [string, { help: string }] | undefined => {
  const cidr = parseCidr(text)
  if (cidr === undefined) {
    const bare = parseAddress(text)
    return bare === undefined
      ? [
          `\`${text}\` is not an address`,
          { help: 'write address and prefix length, such as 192.168.10.11/24' },
        ]
      : [
          `\`${text}\` lacks the length of its network`,
          {
            help: `write it as ${text}/${bare.family === 4 ? 24 : 64}, with the length that your network has`,
          },
        ]
  }
  if (isUnusable(cidr.address) || contains(linkLocal, cidr.address))
    return [
      `\`${text}\` cannot be the address of a node`,
      { help: 'loopback, multicast, link-local and unspecified addresses do not reach other machines' },
    ]
  return undefined
}

export const hostAddress: Rule = (context) =>
  context.nodes.flatMap((node) =>
    addressesOf(node).flatMap(({ value, text, path }) => {
      const { family, value: number } = value.address
      const isEdge =
        family === 4 && value.prefix <= 30 && (number === networkOf(value) || number === lastOf(value))
      if (!isEdge) return []
      const which =
        number === networkOf(value) ? 'the network itself' : 'the broadcast address of its network'
      return [
        faultAt(context, 'R0204', path, `\`${text}\` is ${which}`, {
          help: 'give the node an address inside the network',
        }),
      ]
    }),
  )

export const uniqueAddresses: Rule = (context) => {
  const key = (address: IpAddress): string => `${address.family} ${address.value}`
  const all = context.nodes.flatMap((node) => addressesOf(node).map((address) => ({ ...address, node })))
  const betweenNodes = duplicates(all, ({ value }) => key(value.address)).map(({ item, first }) =>
    faultAt(context, 'R0202', item.path, `the address \`${item.text}\` is taken by \`${first.node.name}\``, {
      help: 'give each node an address of its own',
      related: [{ path: first.path, note: 'first used here' }],
    }),
  )
  const withGateway = context.nodes.flatMap((node) =>
    addressesOf(node).flatMap((address) =>
      gatewaysOf(node)
        .filter((gateway) => key(gateway.value) === key(address.value.address))
        .map((gateway) =>
          faultAt(context, 'R0202', address.path, `\`${address.text}\` is the address of the gateway`, {
            help: 'give the node an address of its own',
            related: [{ path: gateway.path, note: 'the gateway' }],
          }),
        ),
    ),
  )
  return [...betweenNodes, ...withGateway]
}

export const gatewayInNetwork: Rule = (context) =>
  context.nodes.flatMap((node) => {
    const addresses = addressesOf(node)
    if (addresses.length === 0) return []
    return gatewaysOf(node).flatMap((gateway) => {
      const sameFamily = addresses.filter(({ value }) => value.address.family === gateway.value.family)
      if (sameFamily.some(({ value }) => contains(value, gateway.value))) return []
      const [address] = sameFamily.length > 0 ? sameFamily : addresses
      if (address === undefined) return []
      return [
        faultAt(
          context,
          'R0203',
          address.path,
          `\`${address.text}\` is outside the network of the gateway \`${gateway.text}\``,
          {
            help: 'correct the address, its prefix length or the gateway: a gateway is reached directly',
            related: [{ path: gateway.path, note: 'the gateway' }],
          },
        ),
      ]
    })
  })

export const oneWayToAnAddress: Rule = (context) =>
  once(
    context.nodes.flatMap((node) => {
      const { network } = node
      const keys = (['address', 'gateway', 'dns'] as const).filter((key) => network[key] !== undefined)
      const key = keys[0]
      if (key === undefined) return withoutDhcp(context, node)
      if (network.dhcp === true) {
        return [
          faultAt(
            context,
            'R0206',
            node.origin(['network', key]),
            `\`dhcp: true\` and \`${key}\` contradict each other`,
            {
              part: 'key',
              help: 'remove one of the two',
              related: [{ path: node.origin(['network', 'dhcp']), note: 'DHCP is asked for here' }],
            },
          ),
        ]
      }
      return network.address === undefined ? withoutAddress(context, node, key) : []
    }),
  )

const withoutDhcp = (context: RuleContext, node: EffectiveNode): readonly Diagnostic[] =>
  node.network.dhcp === false
    ? [
        faultAt(
          context,
          'R0207',
          node.origin(['network', 'dhcp']),
          `\`${node.name}\` has neither DHCP nor an address`,
          {
            help: 'add `address`, or remove `dhcp: false`',
          },
        ),
      ]
    : []

const withoutAddress = (context: RuleContext, node: EffectiveNode, key: string): readonly Diagnostic[] => {
  const isSound =
    context.isSound(['nodes', node.index, 'network']) && context.isSound(['defaults', 'network'])
  const isKnown =
    context.isKnown(['nodes', node.index, 'network']) && context.isKnown(['defaults', 'network'])
  if (!isSound || !isKnown) return []
  return [
    faultAt(
      context,
      'R0207',
      ['nodes', node.index, 'name'],
      `\`${node.name}\` has \`${key}\` but no address`,
      {
        help: 'add `network: { address: ... }` to the node, or `network: { dhcp: true }`',
        related: [{ path: node.origin(['network', key]), note: 'set here' }],
      },
    ),
  ]
}
