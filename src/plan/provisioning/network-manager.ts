import type { ResolvedInterface, ResolvedWifi } from '../../resolve/resolved-profile.ts'
import type { TextPart } from '../build-plan.ts'
import { interfaceName } from './network-config.ts'
import type { ProvisionedFile } from './provisioning.ts'

type Lines = readonly string[]

/** With DHCP every wired interface that has a cable comes up; a fixed address goes to the first one that has. */
const connectionOf = ({ match, network }: ResolvedInterface): Lines => {
  const several = match.kind === 'wired' && network.kind === 'dhcp' ? ['multi-connect=3'] : []
  const name = match.kind === 'name' ? [`interface-name=${match.name}`] : []
  return ['[connection]', `id=${interfaceName(match)}`, 'type=ethernet', ...name, ...several]
}

const matchOf = ({ match }: ResolvedInterface): Lines => {
  if (match.kind === 'mac') return ['', '[ethernet]', `mac-address=${match.mac}`]
  return match.kind === 'wired' ? ['', '[match]', 'interface-name=e*;'] : []
}

interface Addresses {
  readonly addresses: Lines
  readonly gateways: Lines
  readonly dns: Lines
}

const addressLines = ({ addresses, gateways, dns }: Addresses): Lines => [
  ...addresses.map((address, index) => `address${index + 1}=${address}`),
  ...gateways.map((gateway) => `gateway=${gateway}`),
  ...(dns.length === 0 ? [] : [`dns=${dns.map((server) => `${server};`).join('')}`]),
]

const isIPv6 = (address: string): boolean => address.includes(':')

const ipOf = ({ network, takesGateway }: ResolvedInterface): Lines => {
  const never = takesGateway ? [] : ['never-default=true']
  if (network.kind === 'dhcp')
    return ['', '[ipv4]', 'method=auto', ...never, '', '[ipv6]', 'method=auto', ...never]
  const of = (belongs: (address: string) => boolean): Addresses => ({
    addresses: network.addresses.filter(belongs),
    gateways: network.gateways.filter(belongs),
    dns: network.dns.filter(belongs),
  })
  // Where a family is switched off NetworkManager takes no name server of it, and with it not the connection.
  const [four, six] = [of((address) => !isIPv6(address)), of(isIPv6)]
  const method = ({ addresses }: Addresses, other: string) =>
    `method=${addresses.length === 0 ? other : 'manual'}`
  return [
    ...['', '[ipv4]', method(four, 'disabled'), ...(four.addresses.length === 0 ? [] : addressLines(four))],
    ...['', '[ipv6]', method(six, 'auto'), ...addressLines(six)],
  ]
}

/**
 * Interfaces of pods, and the one that stands in for a gateway, are k3s's and the launcher's (docs.rke2.io, "Known issues"). What
 * the profile does not name stays down: NetworkManager would ask for an address on every cable (NetworkManager.conf(5)).
 */
export const networkManagerSettings: ProvisionedFile = {
  path: '/etc/NetworkManager/conf.d/90-appliance.conf',
  mode: 0o644,
  text: '[main]\nno-auto-default=*\n\n[keyfile]\nunmanaged-devices=interface-name:cni*;interface-name:flannel*;interface-name:veth*;type:dummy\n',
}

/**
 * Keyfiles of NetworkManager, nm-settings-keyfile(5) 1.42, which takes none that others may read. Radios are not among them:
 * their passphrase would lie in the clear, and comes from the seed instead.
 */
export const networkManagerFiles = (interfaces: readonly ResolvedInterface[]): readonly ProvisionedFile[] =>
  interfaces
    .filter(({ match }) => match.kind !== 'radio')
    .map((own) => ({
      path: `/etc/NetworkManager/system-connections/${interfaceName(own.match)}.nmconnection`,
      mode: 0o600,
      text: [...connectionOf(own), ...matchOf(own), ...ipOf(own), ''].join('\n'),
    }))

/**
 * The connection of a radio, whatever its name. That of the network as bytes: no text of any could be taken for something else.
 * `wpa-psk` is WPA2 and WPA3, whichever the access point has, and `proto` keeps off WPA of 2003. It is tried as long as it takes:
 * an access point may come after the node.
 */
export const radioConnection = (
  own: ResolvedInterface,
  { ssid, psk, hidden }: ResolvedWifi,
): readonly TextPart[] => [
  ['[connection]', 'id=radio', 'type=wifi', 'autoconnect-retries=0', ''].join('\n'),
  ['', '[wifi]', ...(hidden ? ['hidden=true'] : []), 'mode=infrastructure', ''].join('\n'),
  `ssid=${[...new TextEncoder().encode(ssid)].map((byte) => `${byte};`).join('')}\n`,
  ['', '[wifi-security]', 'key-mgmt=wpa-psk', 'proto=rsn;', ''].join('\n'),
  { secret: psk, as: 'wifi-keyfile' },
  [...ipOf(own), ''].join('\n'),
]
