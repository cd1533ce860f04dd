import type { BoardRecipe } from '../recipes/recipe.ts'
import { sampleBase } from '../recipes/testing.ts'
import type { ResolvedNetwork, ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'

/** One wired network, as most nodes have. */
export const oneNetwork = (network: ResolvedNetwork): Pick<ResolvedNode, 'network' | 'interfaces'> => ({
  network,
  interfaces: [{ match: { kind: 'wired' }, cluster: true, network, takesGateway: true }],
})

export const sampleBoard: BoardRecipe = {
  name: 'arm64-uefi',
  title: 'a board',
  architecture: 'arm64',
  firmware: 'uefi',
  kernelArguments: [],
  wirelessPackages: [],
  qemu: { machine: 'virt', cpu: 'max' },
}

/** A server with static addresses, and an agent under DHCP: between them every branch of the seed. */
const nodes: readonly ResolvedNode[] = [
  {
    name: 'bakery-1',
    role: 'server',
    board: 'arm64-uefi',
    architecture: 'arm64',
    ...oneNetwork({
      kind: 'static',
      addresses: ['192.168.10.11/24', 'fd00:10::11/64'],
      gateways: ['192.168.10.1', 'fd00:10::1'],
      dns: ['192.168.10.1'],
    }),
    labels: { zone: 'shop', answer: 'yes' },
    taints: [],
    wifi: null,
    watchdog: null,
    k3s: {},
    bootstrapToken: null,
    kernel: 'stable-4k',
    pi: null,
    storage: { medium: 'ssd', sizeBytes: null },
  },
  {
    name: 'oven-1',
    role: 'agent',
    board: 'amd64-uefi',
    architecture: 'amd64',
    ...oneNetwork({ kind: 'dhcp' }),
    labels: { zone: 'oven' },
    taints: ['oven=hot:NoSchedule'],
    wifi: null,
    watchdog: null,
    k3s: {},
    bootstrapToken: null,
    kernel: 'stable-4k',
    pi: null,
    storage: { medium: 'sd', sizeBytes: null },
  },
]

type Parts = Pick<
  ResolvedProfile,
  'cluster' | 'nodes' | 'site' | 'access' | 'epoch' | 'userData' | 'provision'
>

const parts: Parts = {
  provision: 'cloud-init',
  userData: [],
  nodes,
  cluster: {
    name: 'bakery',
    endpoint: 'bakery.example.com',
    vip: null,
    k3sVersion: 'v1.33.1+k3s1',
    datastore: { kind: 'sqlite' },
    disable: ['traefik'],
    hardening: null,
    config: { 'write-kubeconfig-mode': '0640', 'tls-san': ['api.example.com'], disable: ['servicelb'] },
    agentConfig: { 'kubelet-arg': ['max-pods=60'], 'node-label': ['site=north'] },
    registries: null,
    coredns: {},
    pki: { form: 'chain', authority: null },
    stateProtection: { kind: 'plain' },
  },
  site: {
    timezone: 'Europe/Berlin',
    ntp: ['192.168.10.1', 'time.example.com'],
    proxy: { http: null, https: 'http://192.168.10.1:3128', noProxy: ['10.42.0.0/16', '.example.com'] },
    firewall: null,
  },
  access: {
    users: [
      { name: 'ops', sshKeys: ['ssh-ed25519 AAAA ops@example.com'], sudo: true },
      { name: 'guest', sshKeys: ['ssh-ed25519 BBBB guest@example.com'], sudo: false },
    ],
    admin: { lifetimeDays: 1095 },
    kubeconfigs: [],
  },
  epoch: 1_763_800_000,
}

/** Of a cluster with everything that a login can need. */
export const externalDatastore = {
  kind: 'external',
  endpoint: { at: 'cluster.k3s.datastore.endpoint', source: { env: 'DATASTORE' } },
  ca: { name: './db/ca.crt', sha256: 'ca'.repeat(32), sizeBytes: 900 },
  client: {
    certificate: { name: './db/client.crt', sha256: 'cc'.repeat(32), sizeBytes: 900 },
    key: { at: 'cluster.k3s.datastore.key', source: { file: './secrets/client.key' } },
  },
} as const satisfies ResolvedProfile['cluster']['datastore']

export const plainEtcd: ResolvedProfile['cluster']['datastore'] = {
  kind: 'etcd',
  snapshots: { config: {}, s3Ca: null },
}

/** For tests of single planners: what they do not read is empty. */
export const sampleProfile = (changes: Partial<Parts> = {}): ResolvedProfile => ({
  ...parts,
  ...changes,
  base: {
    recipe: sampleBase,
    packages: [],
    tools: [],
    image: null,
  },
  images: { extra: [], manifests: [], secretManifests: [], servedCharts: [], needed: [] },
  outputs: ['raw'],
  boards: {},
  inputs: {},
})

export const sampleNode = (profile: ResolvedProfile, name: string): ResolvedNode => {
  const node = profile.nodes.find((each) => each.name === name)
  if (node === undefined) throw new Error(`no node ${name}`)
  return node
}
