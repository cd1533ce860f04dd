import { isIPv4 } from 'node:net'

const ethernetBytes = 14
const ipv4Bytes = 20
const udpBytes = 8
const ntpBytes = 48
const ntpPort = 123
/** Seconds from 1900, where NTP begins to count, to 1970. */
const ntpEpoch = 2_208_988_800

interface Question {
  readonly ip: number
  readonly udp: number
  readonly ntp: number
}

/** Where the parts of a question for the time begin in an Ethernet frame; undefined for every other frame. */
const questionIn = (frame: Buffer, address: string): Question | undefined => {
  if (frame.length < ethernetBytes + ipv4Bytes || frame.readUInt16BE(12) !== 0x0800) return undefined
  const ip = ethernetBytes
  const udp = ip + (frame.readUInt8(ip) & 0x0f) * 4
  const ntp = udp + udpBytes
  if (frame.readUInt8(ip + 9) !== 17 || frame.length < ntp + ntpBytes) return undefined
  if (!frame.subarray(ip + 16, ip + 20).equals(Buffer.from(address.split('.').map(Number)))) return undefined
  const isClient = (frame.readUInt8(ntp) & 0x07) === 3
  return frame.readUInt16BE(udp + 2) === ntpPort && isClient ? { ip, udp, ntp } : undefined
}

/** RFC 791: the ones' complement of the ones' complement sum of all 16-bit words. */
const headerChecksum = (header: Buffer): number => {
  let sum = 0
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

const writeTime = (target: Buffer, at: number, seconds: number): void => {
  const whole = Math.floor(seconds)
  // The seconds begin again at zero in 2036.
  target.writeUInt32BE((whole + ntpEpoch) % 2 ** 32, at)
  target.writeUInt32BE(Math.floor((seconds - whole) * 2 ** 32), at + 4)
}

/**
 * What a time server at this address answers to a frame (NTP, RFC 5905); undefined when the frame does not ask one. QEMU's
 * router knows no time, and `restrict=on` lets no question out.
 */
export const answerTime = (frame: Buffer, address: string, seconds: number): Buffer | undefined => {
  const question = isIPv4(address) ? questionIn(frame, address) : undefined
  if (question === undefined) return undefined
  const { ip, udp, ntp } = question
  const start = ethernetBytes + ipv4Bytes
  const answer = Buffer.alloc(start + udpBytes + ntpBytes)
  frame.copy(answer, 0, 6, 12)
  frame.copy(answer, 6, 0, 6)
  answer.writeUInt16BE(0x0800, 12)

  answer.writeUInt8(0x45, ethernetBytes)
  answer.writeUInt16BE(answer.length - ethernetBytes, ethernetBytes + 2)
  answer.writeUInt8(64, ethernetBytes + 8)
  answer.writeUInt8(17, ethernetBytes + 9)
  frame.copy(answer, ethernetBytes + 12, ip + 16, ip + 20)
  frame.copy(answer, ethernetBytes + 16, ip + 12, ip + 16)
  answer.writeUInt16BE(headerChecksum(answer.subarray(ethernetBytes, start)), ethernetBytes + 10)

  // A UDP checksum of zero means that there is none (RFC 768).
  answer.writeUInt16BE(ntpPort, start)
  frame.copy(answer, start + 2, udp, udp + 2)
  answer.writeUInt16BE(udpBytes + ntpBytes, start + 4)

  const body = answer.subarray(start + udpBytes)
  const version = (frame.readUInt8(ntp) >>> 3) & 0x07
  body.writeUInt8((version << 3) | 4, 0)
  body.writeUInt8(1, 1)
  body.writeUInt8(frame.readUInt8(ntp + 2), 2)
  body.writeInt8(-20, 3)
  body.write('SITE', 12, 'ascii')
  writeTime(body, 16, seconds)
  frame.copy(body, 24, ntp + 40, ntp + 48)
  writeTime(body, 32, seconds)
  writeTime(body, 40, seconds)
  return answer
}
