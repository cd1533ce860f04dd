import type { ResolvedFirewall } from '../../resolve/firewall.ts'
import type { ResolvedProfile } from '../../resolve/resolved-profile.ts'
import { sampleNode } from '../testing.ts'
import { planFirewall } from './firewall-file.ts'

export const plainFirewall: ResolvedFirewall = {
  nodes: ['192.168.10.11/32', '192.168.10.12/32', 'fd00:10::11/128'],
  servers: ['192.168.10.11/32', 'fd00:10::11/128'],
  api: 'anywhere',
  ssh: 'anywhere',
  trusted: [],
  allow: [],
}

/** With the firewall that it has, else with a plain one. */
export const withFirewall = (profile: ResolvedProfile): ResolvedProfile => ({
  ...profile,
  site: { ...profile.site, firewall: profile.site.firewall ?? plainFirewall },
})

export const firewallText = (profile: ResolvedProfile, name: string): string | undefined => {
  const [entry] = planFirewall(profile, sampleNode(profile, name), { kind: 'starts' })
  return entry?.content.kind === 'text' ? entry.content.text : undefined
}
