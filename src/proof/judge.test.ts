import { expect, test } from 'vitest'
import { shownFaster } from './checks/boot-comparison.ts'
import type { BootEvidence } from './evidence.ts'
import type { Expected } from './judge.ts'
import { judgeNode } from './judge.ts'
import type { ReportKey } from './report-keys.ts'
import { sampleBoot, sampleDiskBytes, sampleNode } from './testing/sample.ts'

const expected: Expected = {
  node: sampleNode,
  k3sVersion: 'v1.33.1+k3s1',
  epoch: 1_790_000_000,
  diskBytes: sampleDiskBytes,
  reachable: true,
}

const failedNames = (boots: readonly BootEvidence[], with_: Partial<Expected> = {}): readonly string[] => [
  ...new Set(
    judgeNode({ ...expected, ...with_ }, boots)
      .filter(({ passed }) => !passed)
      .map(({ name }) => name),
  ),
]

const api = sampleBoot(2).api
if (api?.node === undefined) throw new Error('the sample has no node')
const { node } = api

test('passes two good boots', () => {
  expect(failedNames([sampleBoot(1), sampleBoot(2)])).toEqual([])
})

const server = '/var/lib/rancher/k3s/server'
const hardened: Partial<Expected> = {
  node: {
    ...sampleNode,
    expect: {
      ...sampleNode.expect,
      hardening: {
        kernel: { 'kernel.panic': '10', 'vm.panic_on_oom': '0' },
        paths: [
          { path: `${server}/logs`, mode: 0o700 },
          { path: `${server}/psa.yaml`, mode: 0o600 },
        ],
      },
    },
  },
}

test('a hardened node that shows all of it', () => {
  expect(failedNames([sampleBoot(1), sampleBoot(2)], hardened)).toEqual([])
  const names = judgeNode({ ...expected, ...hardened }, [sampleBoot(1)]).map(({ name }) => name)
  expect(names).toEqual(
    expect.arrayContaining(['kernel-parameters', 'hardening-files', 'certificates-closed']),
  )
})

test.each([
  ['kernel-parameters', { 'kernel-parameters': 'kernel.panic = 0\nvm.panic_on_oom = 0' }],
  ['kernel-parameters', { 'kernel-parameters': 'kernel.panic = 10' }],
  ['hardening-files', { 'server-modes': `700 root:root ${server}/logs\n600 root:root ${server}/tls/a.crt` }],
  [
    'hardening-files',
    {
      'server-modes': `744 root:root ${server}/logs\n600 root:root ${server}/psa.yaml\n600 root:root ${server}/tls/a.crt`,
    },
  ],
  [
    'certificates-closed',
    {
      'server-modes': `700 root:root ${server}/logs\n600 root:root ${server}/psa.yaml\n644 root:root ${server}/tls/a.crt`,
    },
  ],
  [
    'certificates-closed',
    { 'server-modes': `700 root:root ${server}/logs\n600 root:root ${server}/psa.yaml` },
  ],
] as const)('%s sees what a hardened node lacks', (name, facts) => {
  expect(failedNames([sampleBoot(1, facts)], hardened)).toEqual([name])
  expect(failedNames([sampleBoot(1, facts)])).toEqual([])
})

const mounts = (entries: readonly object[]): string => JSON.stringify({ filesystems: entries })
const goodMounts = [
  { target: '/', fstype: 'squashfs', options: 'ro' },
  { target: '/data', fstype: 'ext4', options: 'rw' },
  { target: '/var', fstype: 'ext4', options: 'rw' },
  { target: '/payload', fstype: 'squashfs', options: 'ro' },
]

/** One wrong fact of the second boot, and the one check that must see it. */
const wrongFacts: readonly (readonly [string, Partial<Record<ReportKey, string>>])[] = [
  ['no-failed-unit', { 'failed-units': 'foo.service loaded failed failed Foo' }],
  ['no-waiting-job', { jobs: '12 foo.service start waiting' }],
  ['system-running', { 'system-state': 'degraded' }],
  ['k3s-active', { 'k3s-active': 'activating' }],
  ['host-name', { hostname: 'localhost' }],
  ['clock-after-lock', { clock: '100 rtc' }],
  ['clock-after-lock', { clock: '' }],
  ['ping-inside', { ping: '' }],
  ['k3s-config', { 'k3s-config': 'node-name: other\ntls-san: [bakery-1, 192.168.10.11]' }],
  ['k3s-config', { 'k3s-config': '' }],
  ['images-imported', { images: 'docker.io/rancher/mirrored-pause:3.6' }],
  [
    'images-imported',
    {
      images: `docker.io/rancher/mirrored-pause:3.6 sha256:0\ndocker.io/library/busybox:latest sha256:${'c'.repeat(64)}`,
    },
  ],
  ['phase', { 'status-json': '{"phase":"start"}' }],
  ['phase', { 'status-json': '' }],
  ['payload-verified', { 'payload-verified': 'full' }],
  ['root-read-only', { 'root-write': 'writable' }],
  [
    'root-read-only',
    { mounts: mounts([{ target: '/', fstype: 'ext4', options: 'rw' }, ...goodMounts.slice(1)]) },
  ],
  ['payload-read-only', { mounts: mounts(goodMounts.slice(0, 3)) }],
  ['var-on-data', { mounts: mounts([...goodMounts, { target: '/var', fstype: 'overlay', options: 'rw' }]) }],
  ['data-fills-disk', { disk: 'vda 9000000000 1000000000 3000000000 2900000000' }],
  ['data-fills-disk', { disk: 'vda 9000000000 1000000000 7999000000 2900000000' }],
  ['data-fills-disk', { disk: 'vda 2000000000 1000000000 999000000 990000000' }],
  ['data-fills-disk', { disk: '' }],
  [
    'secrets-private',
    {
      'secret-modes':
        '600 root:root 700 /var/lib/appliance/secrets/token\n644 root:root 700 /var/lib/rancher/k3s/server/tls/server-ca.key',
    },
  ],
  ['secrets-private', { 'secret-modes': '600 root:root 700 /var/lib/appliance/secrets/token' }],
  ['files-installed', { 'installed-sha256': '' }],
  [
    'files-installed',
    {
      'installed-sha256': sampleNode.seed.install
        .map(({ target }) => `${target.startsWith('/var/lib/appliance/k3s') ? 'differs' : 'ok'} ${target}`)
        .join('\n'),
    },
  ],
  ['seed-wiped', { 'seed-secrets': 'zero 2\ncontent 3' }],
  ['seed-wiped', { 'seed-secrets': 'zero 2' }],
  ['seed-marked', { 'seed-installed': 'no' }],
  ['no-secret-in-cloud-init', { 'cloud-secrets': '1' }],
  ['no-secret-in-cloud-init', { 'cloud-secrets': '' }],
  ['machine-id-kept', { 'machine-id': 'ffffffffffffffffffffffffffffffff' }],
  ['ssh-host-keys-kept', { 'ssh-host-keys': '256 SHA256:other root@bakery-1 (ED25519)' }],
  ['boots-differ', { 'boot-id': '0000-1' }],
  ['exec-faster', { 'exec-uptime': '' }],
  ['imports-nothing-again', { 'image-imports': 'Imported images from pause.tar' }],
]

test.each(wrongFacts)('%s fails on %j', (name, facts) => {
  expect(failedNames([sampleBoot(1), sampleBoot(2, facts)])).toEqual([name])
})

/** Wrong evidence of the host's own making. */
const wrongEvidence: readonly (readonly [string, Partial<BootEvidence>])[] = [
  ['healthy', { gaveUp: 'the node did not report within 900 s' }],
  ['one-start', { bootIds: ['a', '0000-2'] }],
  ['clean-power-off', { poweredOff: false }],
  ['healthy-faster', { healthyMs: 90_000, healthyUsedMs: 60_000 }],
  ['healthy-faster', { healthyMs: 90_000, healthyUsedMs: null }],
  ['healthy-faster', { healthyMs: null }],
  ['ping-tls', { api: { ...api, ping: 'self-signed certificate' } }],
  ['kubeconfig-accepted', { api: { ...api, nodeStatus: 401 } }],
  ['node-ready', { api: { ...api, node: { ...node, status: { ...node.status, conditions: [] } } } }],
  [
    'node-ready',
    { api: { ...api, node: { ...node, status: { ...node.status, nodeInfo: { bootID: '0000-0' } } } } },
  ],
  [
    'node-labels',
    { api: { ...api, node: { ...node, metadata: { name: 'bakery-1', labels: { zone: 'x' } } } } },
  ],
  ['node-taints', { api: { ...api, node: { ...node, spec: {} } } }],
]

test.each(wrongEvidence)('%s fails on evidence %j', (name, evidence) => {
  expect(failedNames([sampleBoot(1), sampleBoot(2, {}, evidence)])).toEqual([name])
})

test('of several later boots the fastest counts', () => {
  const busy = { 'exec-uptime': '90.0' }
  const boots = [sampleBoot(1), sampleBoot(2, busy, { execUsedMs: 90_000 }), sampleBoot(3)]
  expect(failedNames(boots)).toEqual([])
  expect(shownFaster(boots)).toBe(true)
  expect(shownFaster(boots.slice(0, 2))).toBe(false)
})

test('exec-faster fails when neither the clock nor the processor says so', () => {
  const slow = { 'exec-uptime': '61.20' }
  expect(failedNames([sampleBoot(1), sampleBoot(2, slow, { execUsedMs: 50_000 })])).toEqual(['exec-faster'])
  expect(failedNames([sampleBoot(1), sampleBoot(2, slow)])).toEqual([])
})

test('payload must be read in full at the first boot', () => {
  expect(failedNames([sampleBoot(1, { 'payload-verified': 'stamp' }), sampleBoot(2)])).toEqual([
    'payload-verified',
  ])
})

test('a machine-id that is no id fails even when it is kept', () => {
  const facts = { 'machine-id': 'uninitialized' }
  expect(failedNames([sampleBoot(1, facts), sampleBoot(2, facts)])).toEqual(['machine-id-kept'])
})

test('a node that never reported fails everything that facts decide', () => {
  const silent: BootEvidence = { ...sampleBoot(1), facts: undefined, api: undefined, bootIds: [] }
  const passed = judgeNode(expected, [silent]).filter((check) => check.passed)
  expect(passed.map(({ name }) => name)).toEqual(['healthy', 'clean-power-off'])
})

test('a k3s without an import cache may import at every start', () => {
  const old = { 'k3s-version': 'k3s version v1.21.2+k3s1 (5a67e8dc)' }
  const again = sampleBoot(2, { ...old, 'image-imports': 'Imported images from pause.tar' })
  expect(failedNames([sampleBoot(1, old), again])).toEqual([])
})

test('an agent serves no API, and no check asks it to', () => {
  const agent = { ...sampleNode, role: 'agent' as const }
  const boots = [sampleBoot(1, { ping: '' }), sampleBoot(2, { ping: '' })]
  expect(failedNames(boots, { node: agent })).toEqual([])
})

test('without a link nothing is asked from outside', () => {
  const boots = [sampleBoot(1, {}, { api: undefined }), sampleBoot(2, {}, { api: undefined })]
  expect(failedNames(boots, { reachable: false })).toEqual([])
})
