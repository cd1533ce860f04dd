import { expect, test } from 'vitest'
import { reachableAddress } from './address.ts'
import { sampleNode } from './testing/sample.ts'

const dhcp = { ...sampleNode, addresses: [] }
const facts = (addresses: string) => new Map([['addresses', addresses]])

test('a planned address is where it is planned', () => {
  expect(reachableAddress(sampleNode, undefined, '10.0.2.0/24')).toBe('192.168.10.11')
})

test('a lease is found among the addresses of the virtual network', () => {
  const brief =
    'lo UNKNOWN 127.0.0.1/8 ::1/128\ndummy0 UNKNOWN 203.0.113.254/31\nenp0s2 UP 10.0.2.15/24 fe80::1/64'
  expect(reachableAddress(dhcp, facts(brief), '10.0.2.0/24')).toBe('10.0.2.15')
})

test('no lease, no address', () => {
  expect(reachableAddress(dhcp, facts('lo UNKNOWN 127.0.0.1/8'), '10.0.2.0/24')).toBeUndefined()
  expect(reachableAddress(dhcp, undefined, '10.0.2.0/24')).toBeUndefined()
})
