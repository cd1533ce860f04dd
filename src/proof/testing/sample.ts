import type { NodePlan } from '../../plan/build-plan.ts'
import type { BootEvidence } from '../evidence.ts'
import type { ReportKey } from '../report-keys.ts'

/** A server with one static address, two secrets and one plain file, for tests of the proof. */
export const sampleNode: NodePlan = {
  name: 'bakery-1',
  role: 'server',
  first: true,
  board: 'arm64-uefi',
  architecture: 'arm64',
  base: { kind: 'made', baseId: 'base', bootId: 'boot' },
  payloadId: 'payload',
  disk: { table: 'gpt', diskGuid: '', partitions: [], alignmentBytes: 1024 ** 2 },
  seed: {
    volumeId: '0000ABCD',
    label: 'CIDATA',
    sizeBytes: 16 * 1024 ** 2,
    documents: [],
    files: [],
    install: [
      {
        target: '/var/lib/appliance/k3s-config.yaml',
        mode: 0o600,
        content: { kind: 'text', text: 'node-name: bakery-1\n' },
      },
      {
        target: '/var/lib/appliance/secrets/token',
        mode: 0o600,
        content: { kind: 'state', reference: { name: 'token/server', secret: true } },
      },
      {
        target: '/var/lib/rancher/k3s/server/tls/server-ca.key',
        mode: 0o600,
        content: { kind: 'state', reference: { name: 'pki/server-ca.key', secret: true } },
      },
      {
        target: '/var/lib/rancher/k3s/server/tls/server-ca.crt',
        mode: 0o644,
        content: { kind: 'state', reference: { name: 'pki/server-ca.crt', secret: false } },
      },
    ],
    epoch: 1_790_000_000,
  },
  addresses: ['192.168.10.11/24'],
  gateways: ['192.168.10.1'],
  macAddress: null,
  k3sConfig: { 'node-name': 'bakery-1', 'tls-san': ['bakery-1', '192.168.10.11'] },
  expect: {
    hardening: null,
    hostname: 'bakery-1',
    labels: { zone: 'oven' },
    taints: ['oven=hot:NoSchedule'],
    apiPort: 6443,
    images: [
      { name: 'docker.io/rancher/mirrored-pause:3.6', digest: null },
      { name: 'busybox', digest: `sha256:${'b'.repeat(64)}` },
    ],
    addOns: [],
  },
  bootstrapToken: null,
  mediumBytes: null,
  medium: { kind: 'ssd', choices: [] },
}

export const sampleDiskBytes = 9_000_000_000

const mounts = {
  filesystems: [
    { target: '/', fstype: 'squashfs', options: 'ro,relatime' },
    { target: '/data', fstype: 'ext4', options: 'rw,noatime' },
    { target: '/var', fstype: 'ext4', options: 'rw,noatime' },
    { target: '/payload', fstype: 'squashfs', options: 'ro,relatime' },
  ],
}

/** What a healthy node of `sampleNode` answers. */
export const healthyFacts = (boot: number): Record<ReportKey, string> => ({
  'boot-id': `0000-${boot}`,
  'machine-id': 'd41d8cd98f00b204e9800998ecf8427e\n',
  hostname: 'bakery-1\n',
  uptime: '80.1',
  'exec-uptime': boot === 1 ? '61.20' : '22.10',
  clock: '1790000100 rtc',
  'failed-units': '',
  jobs: '',
  'system-state': 'running\n',
  'k3s-active': 'active\n',
  'k3s-show': 'ActiveState=active\n',
  'k3s-version': 'k3s version v1.33.1+k3s1',
  'status-json': '{"phase":"running"}',
  ping: 'pong',
  'k3s-config': 'node-name: bakery-1\ntls-san: [bakery-1, 192.168.10.11]\nflannel-iface: eth0\n',
  mounts: JSON.stringify(mounts),
  'root-write': 'read-only',
  disk: 'vda 9000000000 1000000000 7999000000 7800000000',
  mbr: `${'00'.repeat(4)}ee${'00'.repeat(59)}55aa`,
  'secret-modes': [
    '600 root:root 700 /var/lib/appliance/secrets/token',
    '600 root:root 700 /var/lib/rancher/k3s/server/tls/server-ca.key',
  ].join('\n'),
  'installed-sha256': sampleNode.seed.install.map(({ target }) => `ok ${target}`).join('\n'),
  'kernel-parameters': 'kernel.panic = 10\nvm.panic_on_oom = 0',
  'server-modes': [
    '700 root:root /var/lib/rancher/k3s/server/logs',
    '600 root:root /var/lib/rancher/k3s/server/psa.yaml',
    '600 root:root /var/lib/rancher/k3s/server/tls/server-ca.crt',
  ].join('\n'),
  manifests: '',
  'seed-secrets': 'zero 2\nzero 3',
  'seed-installed': 'yes',
  'cloud-secrets': '0',
  images: `docker.io/rancher/mirrored-pause:3.6 sha256:${'a'.repeat(64)}\ndocker.io/library/busybox:latest sha256:${'b'.repeat(64)}\n`,
  'image-imports': boot === 1 ? 'Imported images from pause.tar' : '',
  certificates: '',
  'ssh-host-keys': '256 SHA256:abc root@bakery-1 (ED25519)',
  'journal-warnings': '',
  'boot-times': '',
  blame: '',
  firewall: 'table ip nat\n',
  'firewall-reload': '',
  'registries-mode': '',
  'proxy-names': '',
  routes: 'default via 192.168.10.1',
  addresses: 'eth0 UP 192.168.10.11/24',
  'cloud-init': 'status: done',
  'payload-verified': boot === 1 ? 'full' : 'stamp',
  modules: 'overlay br_netfilter',
})

/** A boot without a fault; facts and everything else may be replaced. */
export const sampleBoot = (
  boot: number,
  facts: Partial<Record<ReportKey, string>> = {},
  rest: Partial<BootEvidence> = {},
): BootEvidence => ({
  boot,
  facts: new Map(Object.entries({ ...healthyFacts(boot), ...facts })),
  api: {
    ping: 'pong',
    nodeStatus: 200,
    error: null,
    node: {
      metadata: { name: 'bakery-1', labels: { zone: 'oven', 'kubernetes.io/os': 'linux' } },
      spec: { taints: [{ key: 'oven', value: 'hot', effect: 'NoSchedule' }] },
      status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { bootID: `0000-${boot}` } },
    },
  },
  bootIds: [`0000-${boot}`],
  phases: [],
  healthyMs: boot === 1 ? 90_000 : 40_000,
  healthyUsedMs: boot === 1 ? 60_000 : 30_000,
  execUsedMs: boot === 1 ? 50_000 : 20_000,
  poweredOff: true,
  gaveUp: null,
  consoleTail: ['login:'],
  ...rest,
})
