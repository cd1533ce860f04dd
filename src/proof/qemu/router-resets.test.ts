import { expect, test } from 'vitest'
import { isForgedReset } from './router-resets.ts'

const router = ['192.168.10.1', '192.168.10.254']

const frame = (sourceMac: string, type: string, protocol: number, source: string): Buffer => {
  const bytes = Buffer.alloc(60)
  Buffer.from(`525400a90001${sourceMac}${type}`, 'hex').copy(bytes)
  bytes.writeUInt8(protocol, type === '86dd' ? 20 : 23)
  if (type === '0800') Buffer.from(source.split('.').map(Number)).copy(bytes, 26)
  return bytes
}

test.each([
  ['a reset in the name of a node', frame('5255c0a80a01', '0800', 6, '192.168.10.11'), true],
  ['the same over IPv6', frame('5255c0a80a01', '86dd', 6, ''), true],
  ["the router's own TCP, as for a forwarded port", frame('5255c0a80a01', '0800', 6, '192.168.10.1'), false],
  ["the router's DHCP", frame('5255c0a80a01', '0800', 17, '192.168.10.1'), false],
  ['what a node says itself', frame('525400a90000', '0800', 6, '192.168.10.11'), false],
  ['ARP of the router', frame('5255c0a80a01', '0806', 0, ''), false],
  ['a short frame', Buffer.alloc(20), false],
])('%s', (_, bytes, forged) => {
  expect(isForgedReset(bytes, router)).toBe(forged)
})
