import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { Cidr } from '../ip-address.ts'
import { contains, isUnusable, networkOf, overlap, parseAddress, parseCidr } from '../ip-address.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'
import { addressesOf, gatewaysOf } from './network.ts'

/** Defaults of k3s (docs.k3s.io/cli/server, 1.33). */
const defaultCidrs = { 'cluster-cidr': '10.42.0.0/16', 'service-cidr': '10.43.0.0/16' } as const

interface ClusterCidr {
  readonly key: keyof typeof defaultCidrs
  readonly label: string
  readonly text: string
  readonly value: Cidr
  /** Where it is written; undefined when it is the default of k3s. */
  readonly path: Path | undefined
}

const labels = { 'cluster-cidr': 'pod network', 'service-cidr': 'service network' } as const

/** `a,b` and `[a, b]`: k3s takes both for dual stack. */
const cidrTexts = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((item) =>
    typeof item === 'string' ? item.split(',').map((text) => text.trim()) : [],
  )

export const clusterCidrs = ({ profile }: Pick<RuleContext, 'profile'>): readonly ClusterCidr[] =>
  (['cluster-cidr', 'service-cidr'] as const).flatMap((key) => {
    const written = profile.cluster.k3s.config?.[key]
    const path = written === undefined ? undefined : ['cluster', 'k3s', 'config', key]
    return cidrTexts(written ?? defaultCidrs[key]).flatMap((text) => {
      const value = parseCidr(text)
      return value === undefined ? [] : [{ key, label: labels[key], text, value, path }]
    })
  })

export const wellFormedCidrs: Rule = (context) =>
  (['cluster-cidr', 'service-cidr'] as const).flatMap((key) => {
    const written = context.profile.cluster.k3s.config?.[key]
    if (written === undefined) return []
    return cidrTexts(written).flatMap((text) => {
      const cidr = parseCidr(text)
      if (cidr !== undefined && networkOf(cidr) === cidr.address.value) return []
      return [
        faultAt(context, 'R0201', ['cluster', 'k3s', 'config', key], `\`${text}\` is not a network`, {
          help: `write the first address and the length, such as ${defaultCidrs[key]}`,
        }),
      ]
    })
  })

export const clusterNetworksApart: Rule = (context) => {
  if (!context.isSound(['cluster', 'k3s', 'config'])) return []
  const own = clusterCidrs(context)
  const faults: Diagnostic[] = []
  for (const [index, a] of own.entries()) {
    for (const b of own.slice(index + 1)) {
      if (!overlap(a.value, b.value)) continue
      const path = b.path ?? a.path ?? ['cluster', 'k3s']
      faults.push(
        faultAt(context, 'R0205', path, `the ${a.label} ${a.text} and the ${b.label} ${b.text} overlap`, {
          help: 'set `cluster-cidr` and `service-cidr` to networks apart from each other',
        }),
      )
    }
  }
  // One fault for each pair of networks: all nodes of a site share theirs.
  const seen = new Set<string>()
  for (const node of context.nodes) {
    const site = [
      ...addressesOf(node).map(({ value, text, path }) => ({ cidr: value, text, path })),
      ...gatewaysOf(node)
        .filter(({ value }) => !addressesOf(node).some((address) => contains(address.value, value)))
        .map(({ value, text, path }) => ({
          cidr: { address: value, prefix: value.family === 4 ? 32 : 128 },
          text,
          path,
        })),
    ]
    for (const { cidr, text, path } of site) {
      for (const mine of own.filter((candidate) => overlap(candidate.value, cidr))) {
        const pair = `${mine.text} ${networkOf(cidr)}`
        if (seen.has(pair)) continue
        seen.add(pair)
        faults.push(
          faultAt(
            context,
            'R0205',
            mine.path ?? path,
            `the ${mine.label} ${mine.text} overlaps the site: ${text}`,
            {
              help: `set \`cluster.k3s.config.${mine.key}\` to a network that the site does not use`,
              ...(mine.path === undefined ? {} : { related: [{ path, note: 'on the site' }] }),
            },
          ),
        )
      }
    }
  }
  return faults
}

const familyText = (family: 4 | 6): string => `IPv${family}`

export const familiesAgree: Rule = (context) => {
  if (!context.isSound(['cluster', 'k3s', 'config'])) return []
  const cidrs = clusterCidrs(context)
  const familiesOf = (key: ClusterCidr['key']): ReadonlySet<4 | 6> =>
    new Set(cidrs.filter((cidr) => cidr.key === key).map(({ value }) => value.address.family))
  const pods = familiesOf('cluster-cidr')
  const services = familiesOf('service-cidr')
  const unequal = [...pods, ...services].find((family) => !pods.has(family) || !services.has(family))
  if (unequal !== undefined) {
    const path = cidrs.find(({ path: written }) => written !== undefined)?.path ?? ['cluster', 'k3s']
    const message = `only one of the pod and the service network has ${familyText(unequal)}`
    return [faultAt(context, 'R0208', path, message, { help: 'give both the same families' })]
  }
  return context.nodes.flatMap((node) => {
    const addresses = addressesOf(node)
    const [first] = addresses
    const missing = [...pods].find(
      (family) => !addresses.some(({ value }) => value.address.family === family),
    )
    if (first === undefined || missing === undefined) return []
    return [
      faultAt(
        context,
        'R0208',
        first.path,
        `\`${node.name}\` has no ${familyText(missing)} address, the pod network has`,
        {
          help: `add one, or set \`cluster-cidr\` and \`service-cidr\` to networks of ${familyText(first.value.address.family)}`,
        },
      ),
    ]
  })
}

const hostName =
  /^(?=.{1,253}$)[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/

/** A host name or an address, without scheme, port or path. */
export const isHost = (text: string): boolean =>
  parseAddress(text) !== undefined || (hostName.test(text) && !/^[\d.]+$/.test(text))

export const usableEndpoint: Rule = (context) => {
  const { endpoint } = context.profile.cluster
  if (endpoint === undefined) return []
  const path = ['cluster', 'endpoint']
  const fault = (message: string, help: string): readonly Diagnostic[] => [
    faultAt(context, 'R0104', path, message, { help }),
  ]
  const address = parseAddress(endpoint)
  if (!isHost(endpoint)) {
    return fault(
      `\`${endpoint}\` is neither a host name nor an address`,
      'write it without scheme, port and path: `bakery.example.com`',
    )
  }
  if (address === undefined) {
    if (endpoint === 'localhost' || endpoint.endsWith('.localhost')) {
      return fault(
        `\`${endpoint}\` reaches only the machine that asks`,
        'use the address or the name of a server',
      )
    }
    const agent = context.nodes.find((node) => node.role === 'agent' && node.name === endpoint)
    return agent === undefined
      ? []
      : fault(`\`${endpoint}\` is an agent`, 'use the address or the name of a server')
  }
  if (isUnusable(address))
    return fault(`\`${endpoint}\` does not reach other machines`, 'use the address of a server')
  const inside = clusterCidrs(context).find(({ value }) => contains(value, address))
  if (inside !== undefined)
    return fault(
      `\`${endpoint}\` is inside the ${inside.label} ${inside.text}`,
      'use the address of a server on the site',
    )
  const owner = context.nodes.find((node) =>
    addressesOf(node).some(
      ({ value }) => value.address.family === address.family && value.address.value === address.value,
    ),
  )
  return owner?.role === 'agent'
    ? fault(`\`${endpoint}\` is the address of the agent \`${owner.name}\``, 'use the address of a server')
    : []
}
