import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import { networkOf, networkText, parseAddress, parseCidr } from '../ip-address.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'

const at = ['site', 'firewall'] as const

/** The word that stands for the nodes of the cluster among networks. */
export const nodesWord = 'nodes'

interface Entry {
  readonly text: string
  readonly path: Path
  readonly takesNodes: boolean
}

const entriesOf = ({ profile }: RuleContext): readonly Entry[] => {
  const firewall = profile.site?.firewall ?? {}
  const list = (texts: readonly string[] | undefined, path: Path, takesNodes: boolean): readonly Entry[] =>
    (texts ?? []).map((text, index) => ({ text, path: [...path, index], takesNodes }))
  return [
    ...(['nodes', 'api', 'ssh', 'trusted'] as const).flatMap((key) =>
      list(firewall[key], [...at, key], false),
    ),
    ...(firewall.allow ?? []).flatMap(({ from }, index) => list(from, [...at, 'allow', index, 'from'], true)),
  ]
}

export const firewallNetworks: Rule = (context) =>
  entriesOf(context).flatMap(({ text, path, takesNodes }) => {
    if ((takesNodes && text === nodesWord) || parseAddress(text) !== undefined) return []
    const cidr = parseCidr(text)
    if (cidr === undefined)
      return [
        faultAt(context, 'R1301', path, `\`${text}\` is neither an address nor a network`, {
          help: takesNodes
            ? 'write a network such as 192.168.10.0/24, or `nodes`'
            : 'write a network such as 192.168.10.0/24',
        }),
      ]
    return networkOf(cidr) === cidr.address.value
      ? []
      : [
          faultAt(context, 'R1301', path, `\`${text}\` is an address within a network`, {
            help: `write \`${networkText(cidr)}\` for the network, or the address alone`,
          }),
        ]
  })

/** A cluster of one node has nobody to know. */
export const nodesAreKnown: Rule = (context) => {
  const firewall = context.profile.site?.firewall
  if (firewall === undefined || firewall.nodes !== undefined || context.nodes.length < 2) return []
  if (!context.isSound(at)) return []
  const moving = context.nodes.find(({ network }) => network.address === undefined)
  if (moving === undefined) return []
  return [
    faultAt(
      context,
      'R1302',
      ['nodes', moving.index, 'name'],
      `the firewall cannot know the address of \`${moving.name}\`, which comes from DHCP`,
      {
        help: 'name the networks that nodes come from: `site: { firewall: { nodes: [192.168.10.0/24] } }`',
        related: [{ path: at, note: 'the firewall' }],
      },
    ),
  ]
}

const boundsOf = (port: number | string): readonly [number, number] => {
  const [first = 0, last = first] = String(port).split('-').map(Number)
  return [first, last]
}

export const portRanges: Rule = (context) =>
  (context.profile.site?.firewall?.allow ?? []).flatMap(({ ports }, index) =>
    ports.flatMap((port, position) => {
      const [first, last] = boundsOf(port)
      if (first <= last && last <= 65535) return []
      return [
        faultAt(
          context,
          'R1303',
          [...at, 'allow', index, 'ports', position],
          `\`${port}\` is no range of ports`,
          { help: last > 65535 ? 'ports end at 65535' : `did you mean \`${last}-${first}\`?` },
        ),
      ]
    }),
  )

/** Of flannel, with any backend: one that is not used today may be chosen tomorrow. */
const overlayPorts = [8472, 51820, 51821] as const

export const overlayStaysInside: Rule = (context) =>
  (context.profile.site?.firewall?.allow ?? []).flatMap(
    ({ ports, protocol, from }, index): readonly Diagnostic[] => {
      if (protocol !== 'udp' || (from ?? []).join() === nodesWord) return []
      return ports.flatMap((port, position) => {
        const [first, last] = boundsOf(port)
        const inside = overlayPorts.find((overlay) => first <= overlay && overlay <= last)
        return inside === undefined
          ? []
          : [
              faultAt(
                context,
                'R1304',
                [...at, 'allow', index, 'ports', position],
                `${inside}/udp carries the packets of pods and is never open to the outside`,
                { help: 'remove it: nodes reach each other there without it' },
              ),
            ]
      })
    },
  )
