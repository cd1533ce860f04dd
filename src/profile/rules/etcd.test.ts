import fc from 'fast-check'
import { expect, test } from 'vitest'
import { validateProfile } from '../validate.ts'
import { sampleRecipes } from './testing.ts'

interface Wish {
  readonly servers: number
  readonly kind?: string
  readonly cluster?: readonly string[]
  readonly medium?: string
}

const profileOf = ({ servers, kind = 'etcd', cluster = [], medium = 'ssd' }: Wish): string =>
  [
    'apiVersion: appliance/v1alpha1',
    'cluster:',
    '  name: lab',
    ...cluster.map((line) => `  ${line}`),
    '  k3s:',
    '    version: v1.33.1+k3s1',
    `    datastore: { kind: ${kind}${kind === 'external' ? ', endpoint: { env: DB }' : ''} }`,
    `defaults: { board: arm64-uefi, storage: { medium: ${medium} } }`,
    'nodes:',
    ...Array.from(
      { length: servers },
      (_, index) =>
        `  - { name: lab-${index}, role: server, network: { address: 192.168.10.${11 + index}/24 } }`,
    ),
    'access:',
    '  users:',
    '    - { name: ops, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com] }',
    '',
  ].join('\n')

const endpoint = ['endpoint: lab.example.com']
const severities = (wish: Wish): readonly string[] =>
  validateProfile({ path: 'lab.yaml', text: profileOf(wish) }, sampleRecipes)[1].map(
    ({ code, severity }) => `${code} ${severity}`,
  )

test.each([
  [1, []],
  [2, ['R1200 error']],
  [3, []],
  [4, ['R1201 warning']],
  [5, []],
  [6, ['R1201 warning']],
  [7, []],
])('%i servers on etcd', (servers, expected) => {
  expect(severities({ servers, cluster: endpoint })).toEqual(expected)
})

test('two servers on a database of your own are no fault', () => {
  expect(severities({ servers: 2, kind: 'external', cluster: endpoint })).toEqual([])
})

test.each([
  ['sd', ['R1202 warning']],
  ['ssd', []],
  ['nvme', []],
])('etcd on %s', (medium, expected) => {
  expect(severities({ servers: 3, cluster: endpoint, medium })).toEqual(expected)
  expect(severities({ servers: 1, kind: 'sqlite', medium })).toEqual([])
})

test.each([
  [[], ['R1204 warning']],
  [endpoint, []],
  // Who writes it knows it.
  [['endpoint: 192.168.10.11'], []],
  [['vip: { address: 192.168.10.10 }'], []],
])('several servers with %j', (cluster, expected) => {
  expect(severities({ servers: 3, cluster })).toEqual(expected)
  expect(severities({ servers: 1, cluster })).toEqual([])
})

test('an address in the network of all servers that nobody has can be virtual, and no other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 9, max: 11 }), (last, third) => {
      const free = third === 10 && last !== 0 && last !== 255 && !(last >= 11 && last <= 13)
      const found = severities({ servers: 3, cluster: [`vip: { address: 192.168.${third}.${last} }`] })
      expect(found).toEqual(free ? [] : ['R1205 error'])
    }),
    { numRuns: 60 },
  )
})
