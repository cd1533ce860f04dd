import { expect, test } from 'vitest'
import { readSettings } from '../cli/settings.ts'
import { clusterConfig } from './cluster-config.ts'
import { objectPath } from './kube-paths.ts'

const config = (arguments_: readonly string[], addresses: readonly string[] = ['192.168.10.11']) =>
  clusterConfig(readSettings('server', arguments_, { K3S_CONFIG_FILE: '/nonexistent' }), {
    name: 'bakery-1.lan',
    addresses,
  })

test('the certificate has every name that the node is called by', () => {
  const { listenerNames } = config([
    '--tls-san=bakery.example.com,10.9.8.7',
    '--advertise-address=192.168.10.99',
  ])
  expect(listenerNames).toEqual(
    expect.arrayContaining([
      'bakery.example.com',
      '10.9.8.7',
      '127.0.0.1',
      '::1',
      'localhost',
      'bakery-1.lan',
      'bakery-1',
      '192.168.10.11',
      '192.168.10.99',
      '10.43.0.1',
      'kubernetes.default.svc.cluster.local',
    ]),
  )
})

test('networks are published as Go writes them', () => {
  const { published } = config([
    '--cluster-cidr=10.50.0.0/16,fd00:50::/56',
    '--service-cidr=10.100.0.0/12,fd00:60::/112',
  ])
  expect(published).toMatchObject({
    ClusterIPRange: { IP: '10.50.0.0', Mask: '//8AAA==' },
    ClusterDNSs: ['10.96.0.10', 'fd00:0060:0000:0000:0000:0000:0000:000a'],
  })
  expect(config([], ['fd00::1']).published).toMatchObject({ ClusterIPRange: { IP: 'fd00:42::' } })
})

test('networks that cannot be are refused', () => {
  expect(() => config(['--cluster-cidr=10.42.0.0/40'])).toThrow('invalid cluster-cidr 10.42.0.0/40')
  expect(() => config(['--cluster-cidr=10.0.0.0/8'])).toThrow('overlaps service-cidr')
})

test.for([
  ['/api/v1/nodes', { resource: 'nodes', collection: 'nodes', name: '' }],
  ['/api/v1/nodes/a/status', { resource: 'nodes', collection: 'nodes', name: 'a' }],
  ['/api/v1/namespaces/x', { resource: 'namespaces', collection: 'namespaces', name: 'x' }],
  ['/api/v1/namespaces/x/secrets/y', { resource: 'secrets', collection: 'x/secrets', name: 'y' }],
  ['/api/v1/pods', null],
  ['/api/v1/nodes/a/proxy', null],
  ['/elsewhere', null],
] as const)('path %s', ([path, expected]) => {
  expect(objectPath(path)).toEqual(expected)
})
