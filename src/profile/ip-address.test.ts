import { expect, test } from 'vitest'
import type { Cidr } from './ip-address.ts'
import { contains, isUnusable, lastOf, networkOf, overlap, parseAddress, parseCidr } from './ip-address.ts'

const cidr = (text: string): Cidr => {
  const parsed = parseCidr(text)
  if (parsed === undefined) throw new Error(`not a network: ${text}`)
  return parsed
}

const address = (text: string) => {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`not an address: ${text}`)
  return parsed
}

test.each([
  ['0.0.0.0', 0n],
  ['192.168.10.1', 0xc0a80a01n],
  ['255.255.255.255', 0xffffffffn],
  ['::', 0n],
  ['::1', 1n],
  ['fd00::a:1', (0xfd00n << 112n) + 0xa0001n],
  ['1:2:3:4:5:6:7:8', 0x00010002000300040005000600070008n],
  ['::ffff:192.168.10.1', 0xffffc0a80a01n],
])('%s is an address', (text, value) => {
  expect(parseAddress(text)?.value).toBe(value)
})

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '01.2.3.4',
  '1.2.3.-4',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  'fd00::g',
  'fe80::1%eth0',
  '12345::',
  'x',
])('%s is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined()
})

test.each([
  '10.0.0.0',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '10.0.0.0/08',
  'fd00::/129',
  '/8',
])('%s is no network', (text) => {
  expect(parseCidr(text)).toBeUndefined()
})

test('first and last address of a network', () => {
  expect(networkOf(cidr('192.168.10.77/24'))).toBe(address('192.168.10.0').value)
  expect(lastOf(cidr('192.168.10.77/24'))).toBe(address('192.168.10.255').value)
  expect(networkOf(cidr('1.2.3.4/0'))).toBe(0n)
  expect(lastOf(cidr('fd00::5/64'))).toBe(address('fd00::ffff:ffff:ffff:ffff').value)
})

test.each([
  ['10.0.0.0/8', '10.42.0.0/16', true],
  ['10.42.0.0/16', '10.43.0.0/16', false],
  ['10.42.255.0/24', '10.42.0.0/16', true],
  ['0.0.0.0/0', '::/0', false],
  ['fd00::/8', 'fd12::/48', true],
])('%s and %s overlap: %s', (a, b, expected) => {
  expect(overlap(cidr(a), cidr(b))).toBe(expected)
  expect(overlap(cidr(b), cidr(a))).toBe(expected)
})

test('an address is inside its own network only', () => {
  expect(contains(cidr('192.168.10.11/24'), address('192.168.10.1'))).toBe(true)
  expect(contains(cidr('192.168.10.11/24'), address('192.168.11.1'))).toBe(false)
  expect(contains(cidr('192.168.10.11/24'), address('::1'))).toBe(false)
})

test.each(['127.0.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '::1', '::', 'ff02::1', 'fe80::1'])(
  '%s is of no use to others',
  (text) => {
    expect(isUnusable(address(text))).toBe(true)
  },
)

test.each(['10.0.0.1', '169.254.1.1', '100.64.0.1', 'fd00::1', '2001:db8::1'])('%s is of use', (text) => {
  expect(isUnusable(address(text))).toBe(false)
})
