import type { NodePlan } from '../../plan/build-plan.ts'
import { optionPath } from './machine-spec.ts'

/**
 * The network that the machines are put on: user-mode networking with `restrict=on` (nothing leaves this host) as the
 * router, in a QEMU of its own without a machine, and a switch in front of it; both outlive every reboot.
 */
export interface SiteNetwork {
  /** `192.168.10.0/24`; the network of the nodes with static addresses, else QEMU's own. */
  readonly ipv4: string
  /** The address the virtual router takes: the nodes' gateway, or a free one where they have none. */
  readonly ipv4Host: string
  readonly ipv4Dns: string
  readonly ipv4DhcpStart: string
  readonly ipv6: { readonly prefix: string; readonly length: number; readonly host: string } | null
}

/**
 * A way from the site to a service of this host: what a machine sends to `address:port` arrives at `127.0.0.1:localPort`, one
 * connection each. The address is a free one of the site's IPv4 network. It is the only thing beyond the site that machines
 * reach; `appliance test` opens none.
 */
export interface HostService {
  readonly address: string
  readonly port: number
  readonly localPort: number
}

const toNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

const toAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')

const isIpv6 = (address: string): boolean => address.includes(':')

interface Cidr {
  readonly address: string
  readonly length: number
}

const parseCidr = (text: string): Cidr => {
  const [address = '', length = ''] = text.split('/')
  return { address, length: length === '' ? (isIpv6(address) ? 128 : 32) : Number(length) }
}

const fallback: SiteNetwork = {
  ipv4: '10.0.2.0/24',
  ipv4Host: '10.0.2.2',
  ipv4Dns: '10.0.2.3',
  ipv4DhcpStart: '10.0.2.15',
  ipv6: null,
}

const ipv4Site = (cidr: Cidr, used: readonly string[], gateways: readonly string[]) => {
  const size = 2 ** (32 - cidr.length)
  const base = Math.floor(toNumber(cidr.address) / size) * size
  const inside = (address: string): boolean => {
    const offset = toNumber(address) - base
    return offset > 0 && offset < size - 1
  }
  const taken = new Set(used)
  /** The highest free addresses: sites give them out last. */
  const free = (): string => {
    for (let offset = size - 2; offset > 0; offset -= 1) {
      const address = toAddress(base + offset)
      if (!taken.has(address)) {
        taken.add(address)
        return address
      }
    }
    throw new RangeError(`no free address in ${toAddress(base)}/${cidr.length}`)
  }
  const ipv4Host = gateways.find((gateway) => !isIpv6(gateway) && inside(gateway)) ?? free()
  taken.add(ipv4Host)
  return {
    ipv4: `${toAddress(base)}/${cidr.length}`,
    ipv4Host,
    ipv4Dns: free(),
    // Leases go upwards from here, so leave room for one for each node.
    ipv4DhcpStart: toAddress(Math.max(base + 1, base + size - 2 - Math.min(16, Math.floor(size / 4)))),
  }
}

/** QEMU derives its own IPv6 network from a prefix of 64 bits. */
const ipv6Site = (cidr: Cidr, gateways: readonly string[]): SiteNetwork['ipv6'] => {
  const groups = expandIpv6(cidr.address).slice(0, 4)
  const prefix = `${groups.map((group) => group.toString(16)).join(':')}::`
  const host = gateways.find(
    (gateway) =>
      isIpv6(gateway) &&
      expandIpv6(gateway)
        .slice(0, 4)
        .every((group, at) => group === groups[at]),
  )
  return { prefix, length: 64, host: host ?? `${prefix}ffff:ffff` }
}

const expandIpv6 = (address: string): readonly number[] => {
  const [head = '', tail] = address.split('::')
  const parse = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const left = parse(head)
  const right = tail === undefined ? [] : parse(tail)
  return [...left, ...Array(8 - left.length - right.length).fill(0), ...right]
}

/** One network for all nodes; the first static address decides which. Addresses of services are kept free. */
export const siteNetwork = (
  nodes: readonly NodePlan[],
  services: readonly HostService[] = [],
): SiteNetwork => {
  const cidrs = nodes.flatMap((node) => node.addresses).map(parseCidr)
  const gateways = nodes.flatMap((node) => node.gateways)
  const first = cidrs.find((cidr) => !isIpv6(cidr.address))
  const firstIpv6 = cidrs.find((cidr) => isIpv6(cidr.address))
  const ipv4 =
    first === undefined
      ? fallback
      : ipv4Site(
          first,
          [
            ...cidrs.map((cidr) => cidr.address),
            ...gateways,
            ...services.map(({ address }) => address),
          ].filter((address) => !isIpv6(address)),
          gateways,
        )
  return { ...fallback, ...ipv4, ipv6: firstIpv6 === undefined ? null : ipv6Site(firstIpv6, gateways) }
}

/**
 * QEMU joins only the first connection to a socket of its own, and starts a program for each otherwise. libslirp refuses
 * addresses that the router or its name server has.
 */
const forwardOf = ({ address, port, localPort }: HostService): string =>
  `guestfwd=tcp:${address}:${port}-cmd:busybox nc 127.0.0.1 ${localPort}`

/** The command line of the network's own QEMU; any QEMU will do, none of its processors runs. */
export const siteArgv = (
  network: SiteNetwork,
  /** Unix socket for the switch. */
  socket: string,
  monitorSocket: string,
  program: string,
  services: readonly HostService[] = [],
): readonly string[] => [
  program,
  ...['-name', 'site-network', '-machine', 'none', '-nodefaults', '-no-user-config', '-display', 'none'],
  '-netdev',
  [
    'user,id=router,restrict=on',
    `net=${network.ipv4},host=${network.ipv4Host},dns=${network.ipv4Dns},dhcpstart=${network.ipv4DhcpStart}`,
    network.ipv6 === null
      ? 'ipv6=off'
      : `ipv6-prefix=${network.ipv6.prefix},ipv6-prefixlen=${network.ipv6.length},ipv6-host=${network.ipv6.host}`,
    ...services.map(forwardOf),
  ].join(','),
  ...['-netdev', `stream,id=switch,server=on,addr.type=unix,addr.path=${optionPath(socket)}`],
  ...['-netdev', 'hubport,id=hub-router,hubid=0,netdev=router'],
  ...['-netdev', 'hubport,id=hub-switch,hubid=0,netdev=switch'],
  ...['-qmp', `unix:${optionPath(monitorSocket)},server=on,wait=off`],
]

/** A MAC address that stays the same for a node from boot to boot; QEMU's own prefix. */
export const macAddress = (index: number): string => {
  const hex = (value: number): string => value.toString(16).padStart(2, '0')
  return `52:54:00:a9:${hex(Math.floor(index / 256) % 256)}:${hex(index % 256)}`
}
