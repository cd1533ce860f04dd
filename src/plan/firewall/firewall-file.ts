import type { SeedPart } from '../seed-files.ts'
import type { NftSet } from './nft-text.ts'
import { tableText } from './nft-text.ts'
import { forwardRules, hasEtcd, inputRules, ofFamily, openPorts } from './node-rules.ts'

/** Loaded by appliance-firewall.service, where it exists. */
export const firewallPath = '/etc/appliance/firewall.nft'

const bothFamilies = (name: string, networks: readonly string[]): readonly NftSet[] =>
  ([4, 6] as const).map((family) => ({
    name: `${name}${family}`,
    family,
    networks: ofFamily(networks, family),
  }))

/** The firewall of a node: what its role needs, and what the site opens. */
export const planFirewall: SeedPart = (profile, node) => {
  const { firewall } = profile.site
  if (firewall === null) return []
  const text = tableText(
    `Firewall of ${node.name}. After a change: systemctl reload appliance-firewall`,
    [
      ...bothFamilies('nodes', firewall.nodes),
      ...(hasEtcd(profile, node) ? bothFamilies('servers', firewall.servers) : []),
    ],
    [
      { name: 'open', hook: null, rules: openPorts(profile) },
      { name: 'input', hook: { hook: 'input', policy: 'drop' }, rules: inputRules(profile, node) },
      { name: 'forward', hook: { hook: 'forward', policy: 'accept' }, rules: forwardRules(profile) },
      { name: 'output', hook: { hook: 'output', policy: 'accept' }, rules: [] },
    ],
  )
  return [{ target: firewallPath, mode: 0o600, content: { kind: 'text', text } }]
}
