import { isIPv4 } from 'node:net'
import type { NodePlan } from '../plan/build-plan.ts'
import type { Facts } from './channel/report-protocol.ts'

const withoutLength = (address: string): string => address.split('/')[0] ?? ''

const toNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

const inNetwork = (address: string, cidr: string): boolean => {
  const [network = '', length = '32'] = cidr.split('/')
  const size = 2 ** (32 - Number(length))
  return Math.floor(toNumber(address) / size) === Math.floor(toNumber(network) / size)
}

/**
 * Where a node can be reached on the virtual network: as planned, else the lease it reports. QEMU forwards to IPv4
 * addresses only.
 */
export const reachableAddress = (
  node: NodePlan,
  facts: Facts | undefined,
  networkCidr: string,
): string | undefined => {
  const planned = node.addresses.map(withoutLength).find((address) => isIPv4(address))
  if (planned !== undefined) return planned
  return (facts?.get('addresses') ?? '')
    .split(/\s+/)
    .map(withoutLength)
    .find((address) => isIPv4(address) && inNetwork(address, networkCidr))
}
