const ethernetBytes = 14
const ipv4 = 0x0800
const ipv6 = 0x86dd
const tcp = 6

/** QEMU's user-mode router writes 52:55 and its own IPv4 address as its Ethernet address. */
const isFromRouter = (frame: Buffer): boolean => frame.readUInt16BE(6) === 0x5255

const ipv4Source = (frame: Buffer): string =>
  [...frame.subarray(ethernetBytes + 12, ethernetBytes + 16)].join('.')

/**
 * The hub shows every frame to the router, which does not look at the Ethernet address: under `restrict=on` it answers each
 * TCP connection from one node to another with a reset in the other node's name. Such answers must not arrive.
 */
export const isForgedReset = (frame: Buffer, routerAddresses: readonly string[]): boolean => {
  if (frame.length < ethernetBytes + 40 || !isFromRouter(frame)) return false
  const type = frame.readUInt16BE(12)
  if (type === ipv6) return frame.readUInt8(ethernetBytes + 6) === tcp
  return (
    type === ipv4 &&
    frame.readUInt8(ethernetBytes + 9) === tcp &&
    !routerAddresses.includes(ipv4Source(frame))
  )
}
