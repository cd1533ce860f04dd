/** What the cluster is made of: networks, names of the certificates, and the answer that agents get. */

import { BlockList, isIP } from 'node:net'
import type { Settings } from '../cli/settings.ts'
import { addressBytes } from '../x509/issue.ts'

export interface ClusterConfig {
  readonly clusterDomain: string
  /** Names of the API server's certificate besides those inside the cluster. */
  readonly names: readonly string[]
  readonly listenerNames: readonly string[]
  readonly published: Readonly<Record<string, unknown>>
}

interface Network {
  readonly address: string
  readonly prefix: number
}

export function clusterConfig(
  settings: Settings,
  identity: { readonly name: string; readonly addresses: readonly string[] },
): ClusterConfig {
  const ipv6 = isIP(identity.addresses[0] ?? '') === 6
  const cluster = networks(settings, 'cluster-cidr', ipv6 ? 'fd00:42::/56' : '10.42.0.0/16')
  const service = networks(settings, 'service-cidr', ipv6 ? 'fd00:43::/112' : '10.43.0.0/16')
  for (const left of cluster) {
    for (const right of service) checkApart(left, right)
  }
  const clusterDomain = settings.text('cluster-domain', 'cluster.local')
  const shortName = identity.name.split('.')[0] ?? identity.name
  const own = ['127.0.0.1', '::1', 'localhost', identity.name, shortName, ...identity.addresses]
  const names = unique([
    ...settings.list('tls-san', true),
    ...own,
    ...settings.list('node-external-ip', true),
    ...service.map((network) => nth(network, 1)),
    ...(settings.text('advertise-address') === '' ? [] : [settings.text('advertise-address')]),
  ])
  const inside = ['', '.default', '.default.svc', `.default.svc.${clusterDomain}`]
  const published = {
    ClusterDNS: service.map((network) => nth(network, 10))[0],
    ClusterDNSs: service.map((network) => nth(network, 10)),
    ClusterDomain: clusterDomain,
    ClusterIPRange: goNetwork(cluster[0]),
    ClusterIPRanges: cluster.map(goNetwork),
    ServiceIPRange: goNetwork(service[0]),
    ServiceIPRanges: service.map(goNetwork),
    ServiceNodePortRange: { Base: 30000, Size: 2768 },
    DisableCCM: settings.isSet('disable-cloud-controller'),
    DisableHelmController: settings.isSet('disable-helm-controller'),
    DisableNPC: settings.isSet('disable-network-policy'),
    DisableKubeProxy: settings.isSet('disable-kube-proxy'),
    DisableServiceLB: settings.list('disable', true).includes('servicelb'),
    EmbeddedRegistry: settings.isSet('embedded-registry'),
    EncryptSecrets: settings.isSet('secrets-encryption'),
    EncryptProvider: settings.text('secrets-encryption-provider', 'aescbc'),
    EgressSelectorMode: settings.text('egress-selector-mode', 'agent'),
    FlannelBackend: settings.text('flannel-backend', 'vxlan'),
    FlannelIPv6Masq: settings.isSet('flannel-ipv6-masq'),
    FlannelExternalIP: settings.isSet('flannel-external-ip'),
    HTTPSPort: settings.port('https-listen-port', 6443),
    SupervisorPort: settings.port('supervisor-port', settings.port('https-listen-port', 6443)),
    SupervisorMetrics: settings.isSet('supervisor-metrics'),
    SystemDefaultRegistry: settings.text('system-default-registry'),
    ServerNodeName: identity.name,
  }
  return {
    clusterDomain,
    names,
    listenerNames: unique([...inside.map((suffix) => `kubernetes${suffix}`), ...names]),
    published,
  }
}

const unique = (values: readonly string[]): string[] => [...new Set(values)]

function networks(settings: Settings, name: string, fallback: string): Network[] {
  const given = settings.list(name, true)
  return (given.length > 0 ? given : [fallback]).map((text) => {
    const [address = '', length = ''] = text.split('/')
    const prefix = Number(length)
    const family = isIP(address)
    if (family === 0 || length === '' || !(prefix >= 0 && prefix <= (family === 4 ? 32 : 128))) {
      throw new Error(`invalid ${name} ${text}: invalid CIDR address: ${text}`)
    }
    return { address, prefix }
  })
}

function checkApart(left: Network, right: Network): void {
  const contains = (outer: Network, inner: Network): boolean => {
    const block = new BlockList()
    const family = isIP(outer.address) === 4 ? 'ipv4' : 'ipv6'
    block.addSubnet(outer.address, outer.prefix, family)
    return isIP(inner.address) === isIP(outer.address) && block.check(inner.address, family)
  }
  if (contains(left, right) || contains(right, left)) {
    throw new Error(
      `cluster-cidr ${left.address}/${left.prefix} overlaps service-cidr ${right.address}/${right.prefix}`,
    )
  }
}

/** The address with this number in the network. */
function nth({ address, prefix }: Network, number: number): string {
  const bytes = addressBytes(address)
  for (let bit = prefix; bit < bytes.length * 8; bit++) {
    const index = bit >> 3
    bytes[index] = (bytes[index] ?? 0) & ~(0x80 >> (bit & 7))
  }
  const last = bytes.length - 1
  bytes[last] = (bytes[last] ?? 0) + number
  if (bytes.length === 4) return [...bytes].join('.')
  return (bytes.toString('hex').match(/.{4}/g) ?? []).join(':')
}

/** `net.IPNet` in Go's JSON. */
function goNetwork(network: Network | undefined): object | null {
  if (network === undefined) return null
  const mask = Buffer.alloc(isIP(network.address) === 4 ? 4 : 16)
  for (let bit = 0; bit < network.prefix; bit++) {
    mask[bit >> 3] = (mask[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  }
  return { IP: network.address, Mask: mask.toString('base64') }
}
