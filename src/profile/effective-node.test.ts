import { expect, test } from 'vitest'
import { mergeDefaults } from './effective-node.ts'
import type { Profile } from './schema.ts'

const profile = (defaults: Profile['defaults'], ...nodes: Partial<Profile['nodes'][number]>[]): Profile => ({
  apiVersion: 'appliance/v1alpha1',
  cluster: { name: 'lab', k3s: { version: 'v1.33.1+k3s1' } },
  ...(defaults === undefined ? {} : { defaults }),
  nodes: nodes.map((node, index) => ({ name: `n${index}`, role: 'server', ...node })),
  access: { users: [] },
})

const first = (defaults: Profile['defaults'], node: Partial<Profile['nodes'][number]>) => {
  const [merged] = mergeDefaults(profile(defaults, node))
  if (merged === undefined) throw new Error('no node')
  return merged
}

test('maps merge, lists and single values of the node replace', () => {
  const node = first(
    {
      board: 'rpi4',
      labels: { a: '1', b: '1' },
      taints: ['x=1:NoExecute'],
      storage: { medium: 'ssd', size: '32GB' },
    },
    { board: 'amd64-uefi', labels: { b: '2' }, taints: ['y=1:NoExecute'], storage: { medium: 'sd' } },
  )
  expect(node.board).toBe('amd64-uefi')
  expect({ ...node.labels }).toEqual({ a: '1', b: '2' })
  expect(node.taints).toEqual(['y=1:NoExecute'])
  expect(node.storage).toEqual({ medium: 'sd', size: '32GB' })
})

test('dhcp of a node drops what it would inherit', () => {
  const node = first(
    { network: { gateway: '10.0.0.1', dns: ['10.0.0.1'], address: '10.0.0.9/24' } },
    { network: { dhcp: true } },
  )
  expect(node.network).toEqual({ dhcp: true })
})

test('dhcp of a node keeps what it says itself, for a rule to find', () => {
  const node = first({ network: { gateway: '10.0.0.1' } }, { network: { dhcp: true, dns: ['1.1.1.1'] } })
  expect(node.network).toEqual({ dhcp: true, dns: ['1.1.1.1'] })
})

test('an address of a node drops an inherited dhcp', () => {
  const node = first({ network: { dhcp: true, dns: ['10.0.0.1'] } }, { network: { address: '10.0.0.2/24' } })
  expect(node.network).toEqual({ dns: ['10.0.0.1'], address: '10.0.0.2/24' })
})

test('each part is found where it was written', () => {
  const node = first(
    { board: 'rpi4', network: { gateway: '10.0.0.1', dns: ['10.0.0.1'] } },
    { network: { address: ['10.0.0.2/24'], dns: ['10.0.0.3'] } },
  )
  expect(node.origin(['board'])).toEqual(['defaults', 'board'])
  expect(node.origin(['network', 'gateway'])).toEqual(['defaults', 'network', 'gateway'])
  expect(node.origin(['network', 'address', 0])).toEqual(['nodes', 0, 'network', 'address', 0])
  expect(node.origin(['network', 'dns', 0])).toEqual(['nodes', 0, 'network', 'dns', 0])
  expect(node.origin(['storage', 'size'])).toEqual(['nodes', 0, 'storage', 'size'])
})

test('a label named like a method of objects is a label', () => {
  const node = first({ labels: { constructor: 'a' } }, { labels: { toString: 'b' } })
  expect(Object.entries(node.labels)).toEqual([
    ['constructor', 'a'],
    ['toString', 'b'],
  ])
})
