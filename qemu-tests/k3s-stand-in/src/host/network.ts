/** Routes and addresses of the machine. */

import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { readIfPresent } from '../files.ts'
import { machinePath } from '../root.ts'

const IPV4_ROUTES = '/proc/net/route'
const IPV6_ROUTES = '/proc/net/ipv6_route'

export interface DefaultRoute {
  readonly interfaceName: string
  readonly family: 4 | 6
}

export function findDefaultRoutes(): DefaultRoute[] {
  const rows = (path: string): string[][] =>
    (readIfPresent(machinePath(path)) ?? '').split('\n').map((line) => line.trim().split(/\s+/))
  const ipv4 = rows(IPV4_ROUTES)
    .filter((row) => row[1] === '00000000' && row[7] === '00000000')
    .map((row): DefaultRoute => ({ interfaceName: row[0] ?? '', family: 4 }))
  const ipv6 = rows(IPV6_ROUTES)
    .filter((row) => /^0{32}$/.test(row[0] ?? '') && row[1] === '00' && row[9] !== 'lo')
    .map((row): DefaultRoute => ({ interfaceName: row[9] ?? '', family: 6 }))
  return [...ipv4, ...ipv6]
}

/** The name in lower case and the addresses of the node: those of the settings, else of the default route's interface. */
export function nodeIdentity(
  name: string,
  addresses: readonly string[],
): { name: string; addresses: string[] } {
  const given = addresses.flatMap((item) => item.split(',')).map((item) => item.trim())
  for (const address of given) {
    if (isIP(address) === 0) throw new Error(`invalid node-ip: invalid ip format '${address}'`)
  }
  return {
    name: (name === '' ? hostname() : name).toLowerCase(),
    addresses: given.length > 0 ? given : [chooseAddress()],
  }
}

/** IPv4 before IPv6; loopback, link-local and multicast addresses do not count. */
function chooseAddress(): string {
  const routes = findDefaultRoutes()
  if (routes.length === 0) {
    throw new Error(`no default routes found in "${IPV4_ROUTES}" or "${IPV6_ROUTES}"`)
  }
  const interfaces = networkInterfaces()
  for (const { interfaceName, family } of routes) {
    const found = (interfaces[interfaceName] ?? []).find(
      (entry) => entry.family === `IPv${family}` && isGlobalUnicast(entry.address),
    )
    if (found !== undefined) return found.address
  }
  throw new Error('unable to select an IP from default routes.')
}

export function isGlobalUnicast(address: string): boolean {
  if (isIP(address) === 4) return !/^(127|169\.254|22[4-9]|23\d|0\.0\.0\.0|255\.255\.255\.255)/.test(address)
  return !/^(::1?$|fe[89ab]|ff)/i.test(address)
}
