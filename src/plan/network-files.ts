import type { ResolvedInterface, ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { InstallEntry } from './build-plan.ts'
import type { ProvisionedFile } from './provisioning/provisioning.ts'

const plain = (target: string, content: string): InstallEntry => ({
  target,
  mode: 0o644,
  content: { kind: 'text', text: content },
})

/** Wired interfaces by their kernel names: predictable ones (`enp1s0`, `end0`), and `eth0` where there are none. */
const anyWired = ['Type=ether', 'Name=en* eth*']

const matchOf = ({ match }: ResolvedInterface): readonly string[] => {
  if (match.kind === 'wired') return anyWired
  if (match.kind === 'radio') return ['Type=wlan']
  return match.kind === 'name' ? [`Name=${match.name}`] : ['Type=ether', `MACAddress=${match.mac}`]
}

/** A cable is the better way out while it is plugged in: networkd gives its routes 1024 (systemd.network(5), RouteMetric). */
const radioMetric = 2048

const radioSection = (network: ResolvedInterface['network']): readonly string[] =>
  network.kind === 'dhcp'
    ? ['DHCP=ipv4', '', '[DHCPv4]', `RouteMetric=${radioMetric}`]
    : [
        ...network.addresses.map((address) => `Address=${address}`),
        ...network.dns.map((server) => `DNS=${server}`),
        ...network.gateways.flatMap((gateway) => [
          '',
          '[Route]',
          `Gateway=${gateway}`,
          `Metric=${radioMetric}`,
        ]),
      ]

const networkSection = ({ match, network, takesGateway }: ResolvedInterface): readonly string[] => {
  if (match.kind === 'radio') return radioSection(network)
  return network.kind === 'dhcp'
    ? ['DHCP=ipv4', ...(takesGateway ? [] : ['', '[DHCPv4]', 'UseGateway=no'])]
    : [
        ...network.addresses.map((address) => `Address=${address}`),
        ...network.gateways.map((gateway) => `Gateway=${gateway}`),
        ...network.dns.map((server) => `DNS=${server}`),
      ]
}

/** systemd.network(5). With two interfaces the one with a cable gets the address: networkd sets none without a carrier. */
const networkText = (own: ResolvedInterface): string =>
  ['[Match]', ...matchOf(own), '', '[Network]', ...networkSection(own), ''].join('\n')

const fileName = ({ match }: ResolvedInterface): string => {
  if (match.kind === 'wired') return '10-wired'
  if (match.kind === 'radio') return '20-radio'
  return match.kind === 'name' ? `10-${match.name}` : `10-${match.mac.replaceAll(':', '')}`
}

/** One for each interface, for networkd. */
export const networkUnits = (interfaces: readonly ResolvedInterface[]): readonly ProvisionedFile[] =>
  interfaces.map((own) => ({
    path: `/etc/systemd/network/${fileName(own)}.network`,
    mode: 0o644,
    text: networkText(own),
  }))

/** sudo and others look the own name up; 127.0.1.1 is Debian's way to answer where there may be no network. */
const hosts = (name: string): string =>
  [
    '127.0.0.1 localhost',
    `127.0.1.1 ${name}`,
    '::1 localhost ip6-localhost ip6-loopback',
    'ff02::1 ip6-allnodes',
    'ff02::2 ip6-allrouters',
    '',
  ].join('\n')

const timeServers = (ntp: readonly string[]): readonly InstallEntry[] =>
  ntp.length === 0
    ? []
    : [plain('/etc/systemd/timesyncd.conf.d/10-site.conf', `[Time]\nNTP=${ntp.join(' ')}\nFallbackNTP=\n`)]

/**
 * Who and where the node is, as files that systemd reads by itself from the first start on. On a base that is not of our own
 * cloud-init tells whatever that base has for a network, and keeps the names.
 */
export const planNetworkFiles = (profile: ResolvedProfile, node: ResolvedNode): readonly InstallEntry[] => [
  ...(profile.base.image === null
    ? [
        plain('/etc/hostname', `${node.name}\n`),
        plain('/etc/hosts', hosts(node.name)),
        ...networkUnits(node.interfaces).map(({ path, text }) => plain(path, text)),
      ]
    : []),
  ...timeServers(profile.site.ntp),
]
