import type { FileContent, NodePlan } from '../../plan/build-plan.ts'
import type { BootEvidence } from '../evidence.ts'
import type { Outcome } from './check.ts'
import { equals, fact, factLines, holds, noneOf } from './check.ts'

const contentOf = (node: NodePlan, target: string): FileContent | undefined =>
  node.seed.install.find((entry) => entry.target === target)?.content

/** Names of the variables in a file of `KEY=value` lines; their values may be secrets. */
const variablesOf = (content: FileContent): readonly string[] => {
  const text =
    content.kind === 'text'
      ? content.text
      : content.kind === 'composed'
        ? content.parts.map((part) => (typeof part === 'string' ? part : '')).join('')
        : ''
  return [...text.matchAll(/^([A-Z_]+)=/gm)].map(([, name = '']) => name)
}

/** What the site asks of a node; undefined where it asks nothing of the kind. */
export const siteChecks: Readonly<
  Record<string, (boot: BootEvidence, node: NodePlan) => Outcome | undefined>
> = {
  firewall: (boot, node) => {
    if (contentOf(node, '/etc/appliance/firewall.nft') === undefined) return undefined
    const text = fact(boot, 'firewall')
    const input = /chain input \{[^}]*hook input priority filter; policy (\w+);/.exec(text)?.[1]
    return holds(
      input === 'drop',
      'a table `inet appliance` whose chain `input` drops what no rule accepts',
      text === ''
        ? 'no table of nftables'
        : input === undefined
          ? `tables: ${factLines(boot, 'firewall')
              .filter((line) => /^table [^{]*$/.test(line))
              .join(', ')}`
          : `policy ${input}`,
    )
  },
  'firewall-reload': (boot, node) => {
    if (contentOf(node, '/etc/appliance/firewall.nft') === undefined) return undefined
    const [said = 'nothing', ...chains] = factLines(boot, 'firewall-reload')
    const lost = chains.filter((line) => line.startsWith('lost '))
    return holds(
      said === 'reloaded' && lost.length === 0,
      "a firewall that can be loaded anew and leaves k3s's chains as they are",
      [said, ...(lost.length > 0 ? lost : [`${chains.length} tables and chains of others kept`])].join(', '),
    )
  },
  'registries-private': (boot, node) =>
    contentOf(node, '/etc/rancher/k3s/registries.yaml') === undefined
      ? undefined
      : equals(fact(boot, 'registries-mode'), '600 root:root'),
  'proxy-known': (boot, node) => {
    const content = contentOf(node, '/etc/default/k3s')
    if (content === undefined) return undefined
    const known = factLines(boot, 'proxy-names')
    const missing = variablesOf(content).filter((name) => !known.includes(name))
    return noneOf(
      missing.map((name) => `${name} is missing`),
      'k3s has been given the variables of /etc/default/k3s',
      known.join(', '),
    )
  },
}
