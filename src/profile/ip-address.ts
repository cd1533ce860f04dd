/** Addresses as big integers, so that IPv4 and IPv6 share one arithmetic. */
export interface IpAddress {
  readonly family: 4 | 6
  readonly value: bigint
}

/** A network, or an address together with the length of its network. */
export interface Cidr {
  readonly address: IpAddress
  readonly prefix: number
}

const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128)

const parseIpv4 = (text: string): bigint | undefined => {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    // No leading zeros: some programs read them as octal.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = value * 256n + BigInt(part)
  }
  return value
}

const parseIpv6 = (text: string): bigint | undefined => {
  const halves = text.split('::')
  if (halves.length > 2 || !/^[0-9a-fA-F:.]+$/.test(text)) return undefined
  const groups = (half: string | undefined): string[] | undefined => {
    if (half === undefined || half === '') return []
    const parts = half.split(':')
    const last = parts.at(-1) ?? ''
    if (last.includes('.')) {
      const v4 = parseIpv4(last)
      if (v4 === undefined) return undefined
      parts.splice(-1, 1, (v4 >> 16n).toString(16), (v4 & 0xffffn).toString(16))
    }
    return parts.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part)) ? parts : undefined
  }
  const head = groups(halves[0])
  const tail = groups(halves[1])
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  return [...head, ...Array.from({ length: missing }, () => '0'), ...tail].reduce(
    (value, group) => (value << 16n) + BigInt(`0x${group}`),
    0n,
  )
}

/** `192.168.10.1` or `fd00::1`; undefined for anything else. */
export const parseAddress = (text: string): IpAddress | undefined => {
  const v4 = parseIpv4(text)
  if (v4 !== undefined) return { family: 4, value: v4 }
  const v6 = text.includes(':') ? parseIpv6(text) : undefined
  return v6 === undefined ? undefined : { family: 6, value: v6 }
}

/** `192.168.10.11/24`; undefined for anything else. */
export const parseCidr = (text: string): Cidr | undefined => {
  const [host = '', length = '', ...rest] = text.split('/')
  const address = parseAddress(host)
  if (address === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined
  const prefix = Number(length)
  return prefix <= bitsOf(address.family) ? { address, prefix } : undefined
}

/** First address of the network. */
export const networkOf = ({ address, prefix }: Cidr): bigint => {
  const hostBits = BigInt(bitsOf(address.family) - prefix)
  return (address.value >> hostBits) << hostBits
}

/** Last address of the network: for IPv4 the broadcast address. */
export const lastOf = (cidr: Cidr): bigint =>
  networkOf(cidr) + (1n << BigInt(bitsOf(cidr.address.family) - cidr.prefix)) - 1n

export const contains = (cidr: Cidr, address: IpAddress): boolean =>
  cidr.address.family === address.family && address.value >= networkOf(cidr) && address.value <= lastOf(cidr)

export const overlap = (a: Cidr, b: Cidr): boolean =>
  a.address.family === b.address.family && networkOf(a) <= lastOf(b) && networkOf(b) <= lastOf(a)

/** Loopback, unspecified, multicast, link-local IPv6: never the address of a node for others. */
export const isUnusable = (address: IpAddress): boolean => {
  const inside = (text: string): boolean => {
    const cidr = parseCidr(text)
    return cidr !== undefined && contains(cidr, address)
  }
  return address.family === 4
    ? inside('0.0.0.0/8') || inside('127.0.0.0/8') || inside('224.0.0.0/3')
    : inside('::/127') || inside('ff00::/8') || inside('fe80::/10')
}

/** The one way to write it (RFC 5952 for IPv6): what has equal bits is an equal text. */
export const addressText = ({ family, value }: IpAddress): string => {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  )
  // The longest run of two or more zeros, the first of equal ones.
  const runs = [...groups.join(':').matchAll(/(?<![^:])0(:0)+(?![^:])/g)].map(([run]) => run)
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '')
  if (longest === '') return groups.join(':')
  const text = groups.join(':')
  const at = text.search(new RegExp(`(?<![^:])${longest}(?![^:])`))
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`
}

/** `192.168.10.11/24` -> `192.168.10.0/24`. */
export const networkText = (cidr: Cidr): string =>
  `${addressText({ family: cidr.address.family, value: networkOf(cidr) })}/${cidr.prefix}`
