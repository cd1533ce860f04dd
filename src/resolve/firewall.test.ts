import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressText, contains, parseAddress, parseCidr } from '../profile/ip-address.ts'
import type { Profile } from '../profile/schema.ts'
import { resolveFirewall } from './firewall.ts'

const profileOf = (firewall: NonNullable<NonNullable<Profile['site']>['firewall']>): Profile => ({
  apiVersion: 'appliance/v1alpha1',
  cluster: { name: 'lab', k3s: { version: 'v1.33.1+k3s1' } },
  nodes: [],
  access: { users: [] },
  site: { firewall },
})

test.each([
  ['fd00:10::11', 'fd00:10::11'],
  ['FD00:0:0:10::', 'fd00:0:0:10::'],
  ['::1', '::1'],
  ['::', '::'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['1:0:3:4:5:6:7:8', '1:0:3:4:5:6:7:8'],
  ['::ffff:192.168.10.1', '::ffff:c0a8:a01'],
  ['10:0:0:100::', '10:0:0:100::'],
  ['192.168.10.1', '192.168.10.1'],
])('%s is written as %s', (text, written) => {
  const address = parseAddress(text)
  expect(address === undefined ? undefined : addressText(address)).toBe(written)
})

test('every address is read back as it was written', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const address = parseAddress(text)
      if (address !== undefined) expect(parseAddress(addressText(address))).toEqual(address)
    }),
  )
})

test('networks of a set never overlap, and nothing that was named is lost', () => {
  const cidr = fc
    .tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }))
    .map(([address, length]) => `${address}/${length}`)
  fc.assert(
    fc.property(fc.array(cidr, { maxLength: 12 }), (trusted) => {
      const kept = (resolveFirewall(profileOf({ trusted }), [])?.trusted ?? []).flatMap(
        (text) => parseCidr(text) ?? [],
      )
      for (const [index, a] of kept.entries()) {
        for (const b of kept.slice(index + 1)) {
          expect(contains(a, b.address) || contains(b, a.address)).toBe(false)
        }
      }
      for (const text of trusted) {
        const asked = parseCidr(text)
        if (asked !== undefined) expect(kept.some((network) => contains(network, asked.address))).toBe(true)
      }
    }),
  )
})

test('nodes may always use the API; ssh is for those who are named', () => {
  const firewall = resolveFirewall(
    profileOf({ api: ['10.0.0.0/8'], ssh: [], allow: [{ ports: [9100], from: ['nodes'] }] }),
    [],
  )
  expect(firewall).toMatchObject({
    api: { networks: ['10.0.0.0/8'], nodes: true },
    ssh: { networks: [], nodes: false },
    allow: [{ ports: ['9100'], protocol: 'tcp', from: { networks: [], nodes: true } }],
  })
})

test('the virtual address is a node among nodes, and a server among servers', () => {
  const profile = profileOf({ nodes: ['192.168.20.0/24'] })
  const firewall = resolveFirewall(
    { ...profile, cluster: { ...profile.cluster, vip: { address: 'fd00:10::10' } } },
    [],
  )
  expect(firewall).toMatchObject({
    nodes: ['192.168.20.0/24', 'fd00:10::10/128'],
    servers: ['fd00:10::10/128'],
  })
})
