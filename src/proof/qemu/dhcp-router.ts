import { isIPv4 } from 'node:net'

const ethernetBytes = 14
const dhcpOptionsOffset = 240
const endOption = 255
const padOption = 0
const routerOption = 3

/** Where the options of a DHCP answer begin in an Ethernet frame; undefined for every other frame. */
const optionsOf = (frame: Buffer): { readonly udp: number; readonly options: number } | undefined => {
  if (frame.length < ethernetBytes + 28 + dhcpOptionsOffset) return undefined
  if (frame.readUInt16BE(12) !== 0x0800) return undefined
  const headerBytes = (frame.readUInt8(ethernetBytes) & 0x0f) * 4
  if (frame.readUInt8(ethernetBytes + 9) !== 17) return undefined
  const udp = ethernetBytes + headerBytes
  const isAnswer = frame.readUInt16BE(udp) === 67 && frame.readUInt16BE(udp + 2) === 68
  return isAnswer ? { udp, options: udp + 8 + dhcpOptionsOffset } : undefined
}

/**
 * QEMU's DHCP server names no router under `restrict=on`, as if the site had none; real sites have one, and a node that
 * finds none waits for it. The answers are padded (RFC 2132, option 0), so the option fits in without moving anything.
 */
export const addRouter = (frame: Buffer, router: string): Buffer => {
  const found = optionsOf(frame)
  if (found === undefined || !isIPv4(router)) return frame
  let at = found.options
  while (at < frame.length && frame.readUInt8(at) !== endOption) {
    const option = frame.readUInt8(at)
    if (option === routerOption) return frame
    at += option === padOption || at + 1 >= frame.length ? 1 : 2 + frame.readUInt8(at + 1)
  }
  if (at + 7 > frame.length) return frame
  const changed = Buffer.from(frame)
  Buffer.from([routerOption, 4, ...router.split('.').map(Number), endOption]).copy(changed, at)
  // A UDP checksum of zero means that there is none (RFC 768).
  changed.writeUInt16BE(0, found.udp + 6)
  return changed
}
