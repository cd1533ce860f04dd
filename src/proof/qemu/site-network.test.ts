import { expect, test } from 'vitest'
import { sampleNode } from '../testing/sample.ts'
import { macAddress, siteArgv, siteNetwork } from './site-network.ts'

const withAddresses = (addresses: readonly string[], gateways: readonly string[]) => ({
  ...sampleNode,
  addresses,
  gateways,
})

test('DHCP nodes get the network of QEMU', () => {
  expect(siteNetwork([withAddresses([], [])])).toEqual({
    ipv4: '10.0.2.0/24',
    ipv4Host: '10.0.2.2',
    ipv4Dns: '10.0.2.3',
    ipv4DhcpStart: '10.0.2.15',
    ipv6: null,
  })
})

test('static nodes find their gateway where the profile says it is', () => {
  const site = siteNetwork([
    withAddresses(['192.168.10.11/24'], ['192.168.10.1']),
    withAddresses(['192.168.10.254/24'], ['192.168.10.1']),
  ])
  expect(site).toMatchObject({ ipv4: '192.168.10.0/24', ipv4Host: '192.168.10.1', ipv4Dns: '192.168.10.253' })
})

test('without a gateway the router takes a free address', () => {
  expect(siteNetwork([withAddresses(['10.1.2.3/16', 'fd00:1::11/64'], [])])).toMatchObject({
    ipv4: '10.1.0.0/16',
    ipv4Host: '10.1.255.254',
    ipv6: { prefix: 'fd00:1:0:0::', length: 64, host: 'fd00:1:0:0::ffff:ffff' },
  })
})

test('the router has no way out', () => {
  const site = siteNetwork([withAddresses(['192.168.10.11/24'], ['192.168.10.1'])])
  expect(siteArgv(site, '/run/b,c.sock', '/run/qmp', 'qemu-system-aarch64').join(' ')).toBe(
    'qemu-system-aarch64 -name site-network -machine none -nodefaults -no-user-config -display none' +
      ' -netdev user,id=router,restrict=on,net=192.168.10.0/24,host=192.168.10.1,dns=192.168.10.254,dhcpstart=192.168.10.238,ipv6=off' +
      ' -netdev stream,id=switch,server=on,addr.type=unix,addr.path=/run/b,,c.sock' +
      ' -netdev hubport,id=hub-router,hubid=0,netdev=router -netdev hubport,id=hub-switch,hubid=0,netdev=switch' +
      ' -qmp unix:/run/qmp,server=on,wait=off',
  )
})

test('a service of this host is the one way out, at an address that the router leaves free', () => {
  const service = { address: '192.168.10.254', port: 5432, localPort: 40001 }
  const site = siteNetwork([withAddresses(['192.168.10.11/24'], ['192.168.10.1'])], [service])
  expect(site).toMatchObject({ ipv4Host: '192.168.10.1', ipv4Dns: '192.168.10.253' })
  const argv = siteArgv(site, '/run/a.sock', '/run/qmp', 'qemu-system-aarch64', [service])
  expect(argv.filter((word) => word.includes('restrict=on'))).toEqual([
    expect.stringMatching(
      /^user,.*,ipv6=off,guestfwd=tcp:192\.168\.10\.254:5432-cmd:busybox nc 127\.0\.0\.1 40001$/,
    ),
  ])
})

test('machine addresses are fixed and distinct', () => {
  expect([0, 1, 256].map(macAddress)).toEqual(['52:54:00:a9:00:00', '52:54:00:a9:00:01', '52:54:00:a9:01:00'])
})
