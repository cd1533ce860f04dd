import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  checkClock,
  checkContainerRuntime,
  checkControlGroups,
  checkKernelDefaults,
  checkLabels,
  checkNetwork,
} from './checks.ts'
import { findDefaultRoutes, isGlobalUnicast, nodeIdentity } from './network.ts'

let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'machine-'))
  vi.stubEnv('K3S_STAND_IN_ROOT', root)
})

afterEach(() => {
  rmSync(root, { recursive: true })
  vi.unstubAllEnvs()
})

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const HEADER = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n'

test('default routes of both families', () => {
  expect(findDefaultRoutes()).toEqual([])
  write(
    '/proc/net/route',
    `${HEADER}eth0\t0000A8C0\t00000000\t1\t0\t0\t0\t00FFFFFF\neth1\t00000000\t0100A8C0\t3\t0\t0\t0\t00000000\n`,
  )
  const zero = '0'.repeat(32)
  write(
    '/proc/net/ipv6_route',
    `${zero} 00 ${zero} 00 ${zero} ffffffff 1 0 00200200 lo\n${zero} 00 ${zero} 00 fe80${'0'.repeat(28)} 400 1 0 3 eth2\n`,
  )
  expect(findDefaultRoutes()).toEqual([
    { interfaceName: 'eth1', family: 4 },
    { interfaceName: 'eth2', family: 6 },
  ])
})

test('without an address of its own a node needs a route', () => {
  expect(nodeIdentity('A', ['10.0.0.1,fd00::1'])).toEqual({ name: 'a', addresses: ['10.0.0.1', 'fd00::1'] })
  expect(() => nodeIdentity('a', ['10.0.0'])).toThrow('invalid node-ip')
  expect(() => nodeIdentity('a', [])).toThrow(
    'no default routes found in "/proc/net/route" or "/proc/net/ipv6_route"',
  )
  expect(() => checkNetwork('vxlan', '')).toThrow('unable to find default route')
  expect(() => checkNetwork('none', '')).not.toThrow()
  write('/proc/net/route', `${HEADER}no-such-link\t00000000\t0\t3\t0\t0\t0\t00000000\n`)
  expect(() => nodeIdentity('a', [])).toThrow('unable to select an IP from default routes')
})

test('link-local addresses are no addresses of a node', () => {
  expect(['10.0.0.1', 'fd00::1', '203.0.113.254'].every(isGlobalUnicast)).toBe(true)
  expect(['169.254.1.1', 'fe80::1', '127.0.0.1', '::1', 'ff02::1', '224.0.0.1'].some(isGlobalUnicast)).toBe(
    false,
  )
})

test('the clock must be past 1980', () => {
  expect(() => checkClock(new Date('1970-01-01T00:01:00Z'))).toThrow("server time isn't set properly")
  expect(() => checkClock(new Date('1980-01-01T00:00:00Z'))).not.toThrow()
})

test('control groups of both kinds', () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  write('/proc/cgroups', '#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t1\t0\n')
  expect(() => checkControlGroups()).toThrow('failed to find memory cgroup, you may need to add')
  write('/proc/cgroups', '#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t1\t1\n')
  expect(() => checkControlGroups()).not.toThrow()
  write('/sys/fs/cgroup/cgroup.controllers', 'cpuset cpu io\n')
  expect(() => checkControlGroups()).toThrow('failed to find memory cgroup (v2)')
})

test('overlay: a module or part of the kernel, over a file system that bears it', () => {
  expect(() => checkContainerRuntime('/c', 'overlayfs')).toThrow('no such device')
  expect(() => checkContainerRuntime('/c', 'native')).not.toThrow()
  mkdirSync(join(root, 'sys/module/overlay'), { recursive: true })
  expect(() => checkContainerRuntime('/c', 'overlayfs')).not.toThrow()
  write('/stand-in/file-system', 'tmpfs')
  expect(() => checkContainerRuntime('/c', 'overlayfs')).toThrow(
    '"overlayfs" snapshotter cannot be enabled for "/c"',
  )
})

test('AppArmor in the kernel needs its parser', () => {
  write('/sys/module/apparmor/parameters/enabled', 'Y\n')
  vi.stubEnv('PATH', root)
  const check = () => checkContainerRuntime('/c', 'native')
  expect(check).toThrow('"apparmor_parser": executable file not found in $PATH')
  write('/sbin/apparmor_parser', '')
  expect(check).not.toThrow()
})

test('kernel defaults are compared only where they exist', () => {
  write('/proc/sys/vm/overcommit_memory', '1\n')
  expect(() => checkKernelDefaults()).not.toThrow()
  write('/proc/sys/kernel/panic', '0\n')
  expect(() => checkKernelDefaults()).toThrow(
    'invalid kernel flag: kernel/panic, expected value: 10, actual value: 0',
  )
})

test.for([
  ['zone=a', true],
  ['example.com/x=1', true],
  ['node.kubernetes.io/pool=a', true],
  ['a.kubelet.kubernetes.io/pool=a', true],
  ['topology.kubernetes.io/zone=a', true],
  ['node-role.kubernetes.io/worker=true', false],
  ['kubernetes.io/role=x', false],
  ['x.k8s.io/a=b', false],
  ['notkubernetes.io/a=b', true],
] as const)('label %s: %s', ([label, allowed]) => {
  const check = () => checkLabels([label])
  if (allowed) expect(check).not.toThrow()
  else expect(check).toThrow("unknown 'kubernetes.io' or 'k8s.io' labels")
})
