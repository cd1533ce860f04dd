import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { IpAddress } from '../ip-address.ts'
import { contains, isUnusable, lastOf, networkOf, parseAddress } from '../ip-address.ts'
import { clusterCidrs } from './cluster-network.ts'
import type { FaultOptions, Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'
import { addressesOf, gatewaysOf } from './network.ts'

const at = ['cluster', 'vip', 'address']

const same = (a: IpAddress, b: IpAddress): boolean => a.family === b.family && a.value === b.value

/** Whose address it is already, and where that is written. */
const owner = (context: RuleContext, address: IpAddress) =>
  context.nodes
    .flatMap((node) => [
      ...addressesOf(node).map(({ value, path }) => ({
        value: value.address,
        path,
        who: `the node \`${node.name}\``,
      })),
      ...gatewaysOf(node).map(({ value, path }) => ({ value, path, who: 'the gateway' })),
    ])
    .find(({ value }) => same(value, address))

/** The address is announced on the servers' own network: kube-vip routes nothing. */
export const usableVip: Rule = (context): readonly Diagnostic[] => {
  const { vip } = context.profile.cluster
  if (vip === undefined || !context.isSound(at)) return []
  const fault = (
    message: string,
    help: string,
    related: NonNullable<FaultOptions['related']> = [],
  ): readonly Diagnostic[] => [
    faultAt(context, 'R1205', at, message, { help, ...(related.length === 0 ? {} : { related }) }),
  ]
  const address = parseAddress(vip.address)
  if (address === undefined)
    return fault(
      `\`${vip.address}\` is not an address`,
      'write a plain address such as 192.168.10.10, without a prefix length',
    )
  if (isUnusable(address))
    return fault(
      `\`${vip.address}\` does not reach other machines`,
      'use a free address in the network of the servers',
    )
  const taken = owner(context, address)
  if (taken !== undefined)
    return fault(
      `\`${vip.address}\` is the address of ${taken.who}`,
      'use an address that nobody has: it moves between the servers',
      [{ path: taken.path, note: 'taken here' }],
    )
  const inside = clusterCidrs(context).find(({ value }) => contains(value, address))
  if (inside !== undefined)
    return fault(
      `\`${vip.address}\` is inside the ${inside.label} ${inside.text}`,
      'use a free address in the network of the servers',
    )
  return context.nodes
    .filter(({ role }) => role === 'server')
    .flatMap((node) => {
      const addresses = addressesOf(node)
      if (node.network.address === undefined)
        return context.isSound(['nodes', node.index, 'network'])
          ? fault(
              `\`${node.name}\` has no static address that \`${vip.address}\` could be beside`,
              'give each server `network.address`',
              [{ path: ['nodes', node.index, 'name'], note: 'a server under DHCP' }],
            )
          : []
      const [first] = addresses
      const home = addresses.find(({ value }) => contains(value, address))
      if (first === undefined) return []
      if (home === undefined)
        return fault(
          `\`${vip.address}\` is outside the network of \`${node.name}\`, ${first.text}`,
          'use a free address in the network that all servers share',
          [{ path: first.path, note: 'the server' }],
        )
      const isEdge =
        address.family === 4 &&
        home.value.prefix <= 30 &&
        (address.value === networkOf(home.value) || address.value === lastOf(home.value))
      return isEdge
        ? fault(
            `\`${vip.address}\` is the first or the last address of the network of \`${node.name}\``,
            'use an address inside the network',
          )
        : []
    })
    .slice(0, 1)
}
