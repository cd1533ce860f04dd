import type { ResolvedInterface } from '../../resolve/resolved-profile.ts'
import { toYaml } from '../to-yaml.ts'

/** Two words of netplan's: an interface that nobody waits for, and gateways by address family. */
type Keys = Readonly<Record<string, unknown>>

/** A cable is the better way out while it is plugged in; what is not to be the way out comes last. */
const lastMetric = 4096

const matchOf = ({ match }: ResolvedInterface): Keys => {
  if (match.kind === 'mac') return { match: { macaddress: match.mac } }
  // `enp1s0`, `end0`, and `eth0` where there are no predictable names.
  return match.kind === 'name' ? { match: { name: match.name } } : { match: { name: 'e*' } }
}

const addressesOf = ({ network, takesGateway }: ResolvedInterface): Keys => {
  if (network.kind === 'dhcp') {
    return { dhcp4: true, ...(takesGateway ? {} : { 'dhcp4-overrides': { 'route-metric': lastMetric } }) }
  }
  const { addresses, gateways, dns } = network
  return {
    addresses,
    ...(gateways.length === 0 ? {} : { routes: gateways.map((via) => ({ to: 'default', via })) }),
    ...(dns.length === 0 ? {} : { nameservers: { addresses: dns } }),
  }
}

/** What people call it: `wired`, `enp1s0`, `mac525400000001`. */
export const interfaceName = (match: ResolvedInterface['match']): string => {
  if (match.kind === 'mac') return `mac${match.mac.replaceAll(':', '')}`
  return match.kind === 'name' ? match.name : match.kind
}

/**
 * Networking Config Version 2 of cloud-init 25.1 (docs.cloud-init.io), as netplan understands it, to which cloud-init hands it on:
 * `lock` takes no base where something else writes the network (L0095), which takes `wired` for the name of an interface, and
 * fails at `to: default`. Below netplan are networkd or NetworkManager, as the base has it. Nobody waits for a cable that is out (`optional`). Radios are not among them: their
 * passphrase would lie in the clear, and comes from the seed instead (base-image-radio.ts).
 */
export const networkConfigText = (interfaces: readonly ResolvedInterface[]): string =>
  toYaml({
    version: 2,
    ethernets: Object.fromEntries(
      interfaces
        .filter(({ match }) => match.kind !== 'radio')
        .map((own) => [interfaceName(own.match), { ...matchOf(own), optional: true, ...addressesOf(own) }]),
    ),
  })
