import fc from 'fast-check'
import { piFor, randomPi } from './random-pi.ts'
import type { RandomImages } from './random-workloads.ts'
import { randomImages, randomNodeConfig } from './random-workloads.ts'

/** A profile as an object, made to be valid: what no rule refuses must plan. */
export type RandomProfile = Readonly<Record<string, unknown>>

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com'

const versions = [
  'v1.21.14+k3s1',
  'v1.22.17+k3s1',
  'v1.24.17+k3s1',
  'v1.28.15+k3s1',
  'v1.33.1+k3s1',
  'v1.34.2+k3s1',
] as const

const sometimes = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined })

/** Keys whose value is undefined are left out, as a user leaves them out. */
const withoutGaps = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutGaps)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      inner === undefined ? [] : [[name, withoutGaps(inner)] as const],
    ),
  )
}

const labels = fc.dictionary(
  fc.constantFrom('zone', 'example.com/line', 'node.kubernetes.io/pool', 'topology.kubernetes.io/zone'),
  fc.constantFrom('oven', '2', 'yes', 'null', 'a.b-c_d', ''),
  { maxKeys: 3 },
)

const taints = fc.uniqueArray(
  fc.constantFrom('oven=hot:NoSchedule', 'oven:NoExecute', 'dedicated=edge:PreferNoSchedule'),
  { maxLength: 2 },
)

const storage = fc.record({
  medium: fc.constantFrom('ssd', 'nvme', 'emmc', 'usb', 'sd'),
  size: sometimes(fc.constantFrom('32GB', '64GiB', '1TB')),
})

/** Beside the cable, which has an address; a node without one would use the radio for the cluster. */
const randomWifi = fc.record({
  ssid: fc.constantFrom('bakery', 'Café "№1" #', "it's 32 bytes \\, and that's most"),
  psk: fc.constant({ env: 'WIFI_PSK' }),
  country: fc.constantFrom('DE', 'GB', 'US'),
  hidden: sometimes(fc.boolean()),
  address: fc.boolean(),
})

type RandomWifi = Readonly<Record<string, unknown>> & { readonly address: boolean }

const wifiOf = (index: number, radio: RandomWifi | undefined): unknown =>
  radio && { ...radio, address: radio.address ? `192.168.40.${11 + index}/24` : undefined }

interface Site {
  readonly wifi: RandomWifi | undefined
  readonly dualStack: boolean
  readonly dhcp: boolean
  /** How the interface of the cluster is told where there are two; undefined: there is one. */
  readonly cards: 'name' | 'mac' | undefined
}

const networkOf = (index: number, { wifi: asked, dualStack, dhcp, cards }: Site): unknown => {
  // With an address that no cable has, the radio would be the cluster's, and host-gw lack a network that all share.
  if (dhcp) return { dhcp: true, wifi: asked && { ...asked, address: undefined } }
  const wifi = wifiOf(index, asked)
  const v4 = `192.168.10.${11 + index}/24`
  const own = dualStack
    ? {
        address: [v4, `fd00:10::${11 + index}/64`],
        gateway: ['192.168.10.1', 'fd00:10::1'],
        dns: ['192.168.10.1'],
      }
    : { address: v4, gateway: '192.168.10.1', dns: ['192.168.10.1'] }
  if (cards === undefined) return { ...own, wifi }
  const told = cards === 'name' ? { name: 'eth0' } : { mac: `02:00:5E:10:00:1${index}` }
  return { interfaces: [{ name: 'eth1' }, { ...told, ...own, cluster: true }], wifi }
}

const serverConfig = fc.record({
  'write-kubeconfig-mode': sometimes(fc.constantFrom('0640', '0600')),
  'tls-san': sometimes(fc.constantFrom(['api.example.com'], ['a.example.com', '10.9.8.7'])),
  'kube-apiserver-arg': sometimes(
    fc.subarray(['enable-admission-plugins=NodeRestriction,PodNodeSelector', 'v=2', 'audit-log-maxage=90']),
  ),
  'kube-controller-manager-arg': sometimes(fc.constant(['node-monitor-period=10s'])),
  'flannel-backend': sometimes(fc.constantFrom('vxlan', 'host-gw', 'none')),
  'secrets-encryption': sometimes(fc.constant(true)),
  'disable-network-policy': sometimes(fc.boolean()),
  'https-listen-port': sometimes(fc.constantFrom(6443, 8443)),
})

const agentConfig = fc.record({
  'kubelet-arg': sometimes(
    fc.subarray(['max-pods=60', 'feature-gates=A=true', 'eviction-hard=memory.available<5%', 'v=2']),
  ),
  'protect-kernel-defaults': sometimes(fc.constant(true)),
})

const podSecurity = fc.record({
  enforce: sometimes(fc.constant('restricted')),
  exemptNamespaces: sometimes(
    fc.uniqueArray(fc.constantFrom('storage', 'edge', 'kube-system'), { maxLength: 3 }),
  ),
})

const networks = fc.subarray(['192.168.10.0/24', '192.168.0.0/16', '10.0.0.1', 'fd00:9::/64'])

/** Whatever is asked of a firewall; where nodes come from is always told, since some of them may be under DHCP. */
const firewall = fc.record({
  nodes: fc.constant(['192.168.10.0/24']),
  api: sometimes(networks),
  ssh: sometimes(networks),
  trusted: sometimes(networks),
  allow: sometimes(
    fc.array(
      fc.record({
        ports: fc.subarray([9100, '30000-32767', 53], { minLength: 1 }),
        protocol: sometimes(fc.constantFrom('tcp', 'udp')),
        from: sometimes(fc.subarray(['nodes', '10.0.0.0/8', 'fd00:8::/64'])),
      }),
      { maxLength: 3 },
    ),
  ),
})

const registries = fc.record({
  mirrors: sometimes(
    fc.record({
      'docker.io': sometimes(
        fc.record({
          endpoint: sometimes(fc.constant(['https://registry.example.com:5000', 'http://10.0.0.1/v2'])),
          rewrite: sometimes(fc.constant({ '^rancher/(.*)': 'mirror/$1', '^library/': '' })),
        }),
      ),
      'ghcr.io': sometimes(fc.constant({})),
    }),
  ),
  configs: sometimes(
    fc.constant({
      'registry.example.com:5000': {
        auth: { username: 'puller', password: { env: 'PASSWORD' } },
        tls: { insecureSkipVerify: true },
      },
      '10.0.0.1': { auth: { token: { env: 'TOKEN' } } },
    }),
  ),
  embedded: sometimes(fc.boolean()),
  defaultEndpoint: sometimes(fc.boolean()),
  systemDefault: sometimes(fc.constant('registry.example.com:5000')),
})

const coredns = fc.record({
  'site.server': sometimes(fc.constant('example.com:53 {\n  forward . 192.168.10.1\n}\n')),
  'log.override': sometimes(fc.constant('log')),
})

/** Of the kinds that several servers share. */
const sharedDatastore = fc.constantFrom(
  { kind: 'etcd' },
  { kind: 'etcd', snapshots: { schedule: '0 */6 * * *', retention: 12 } },
  { kind: 'external', endpoint: { env: 'DATASTORE_ENDPOINT' } },
)

const site = fc.record({
  firewall: sometimes(firewall),
  timezone: sometimes(fc.constantFrom('Europe/Berlin', 'UTC', 'America/New_York')),
  ntp: sometimes(fc.constantFrom(['192.168.10.1'], ['time.example.com', '192.168.10.1'])),
  proxy: sometimes(
    fc.record({
      https: fc.constantFrom('http://192.168.10.1:3128', { env: 'PROXY' }),
      http: sometimes(fc.constant('http://192.168.10.1:3128')),
      noProxy: sometimes(fc.constant(['.example.com'])),
    }),
  ),
})

const users = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('ops', 'guest', 'maria'),
    sshKeys: fc.constant([key]),
    sudo: sometimes(fc.boolean()),
  }),
  { minLength: 1, maxLength: 3, selector: ({ name }) => name },
)

const kubeconfigs = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('dev', 'monitor'),
    groups: sometimes(fc.constant(['developers'])),
    role: sometimes(fc.constantFrom('view', 'edit')),
    lifetime: sometimes(fc.constantFrom('90d', '2y')),
  }),
  { maxLength: 2, selector: ({ name }) => name },
)

const shape = fc.record({
  version: fc.constantFrom(...versions),
  servers: fc.constantFrom(1, 1, 3, 5),
  agents: fc.nat(2),
  dualStack: fc.boolean(),
  agentsByDhcp: fc.boolean(),
  cards: fc.constantFrom(undefined, undefined, 'name' as const, 'mac' as const),
  registries: sometimes(registries),
  coredns: sometimes(coredns),
  hardening: fc.constantFrom(undefined, 'none', 'cis', 'cis'),
  podSecurity: sometimes(podSecurity),
  sharedDatastore,
  disable: sometimes(fc.subarray(['traefik', 'servicelb', 'metrics-server', 'local-storage', 'coredns'])),
  config: sometimes(serverConfig),
  agentConfig: sometimes(agentConfig),
  site: sometimes(site),
  users,
  kubeconfigs: sometimes(kubeconfigs),
  packages: sometimes(fc.constant(['wireguard-tools'])),
  provision: fc.constantFrom(undefined, 'cloud-init' as const, 'ignition' as const),
  userData: sometimes(fc.shuffledSubarray(['kiosk', 'scale'], { minLength: 1 })),
  outputs: sometimes(fc.constantFrom(['raw'], ['raw', 'zst'])),
  endpoint: fc.boolean(),
  vip: fc.boolean(),
  vendorsKernel: fc.boolean(),
  images: sometimes(randomImages),
  nodes: fc.array(
    fc.record({
      labels: sometimes(labels),
      taints: sometimes(taints),
      storage: sometimes(storage),
      k3s: sometimes(randomNodeConfig),
      wifi: sometimes(randomWifi),
      pi: sometimes(randomPi),
      watchdog: sometimes(fc.constantFrom('10s', '45s', '2m', false)),
    }),
    {
      minLength: 8,
      maxLength: 8,
    },
  ),
})

/** etcd is refused where a board has too little memory for it. */
const boardFor = (isMember: boolean, board: string | undefined): string | undefined =>
  isMember && board === 'rpi3' ? 'rpi4' : board

/** What a node says beside its network and its board. */
const settingsOf = ({
  wifi: _,
  pi: __,
  ...settings
}: {
  readonly wifi?: unknown
  readonly pi?: unknown
} = {}): object => settings

/** The vendor's for Raspberry Pis alone; else one that drives all boards. */
const kernelFor = (boards: readonly (string | undefined)[], vendors: boolean): unknown => {
  if (vendors && boards.some((board) => board?.startsWith('rpi'))) return { packages: ['./linux-image.deb'] }
  return boards.includes('rpi5') ? 'backports' : undefined
}

/** Nobody configures a chart that is disabled. */
const imagesWithout = (disabled: readonly string[], images: RandomImages | undefined): unknown =>
  images === undefined
    ? undefined
    : { ...images, chartConfigs: images.chartConfigs?.filter(({ name }) => !disabled.includes(name)) }

/** Profiles on these boards: everything that can be combined, in any combination. */
export const randomProfile = (boards: readonly string[]): fc.Arbitrary<RandomProfile> =>
  fc
    .tuple(shape, fc.array(fc.constantFrom(...boards), { minLength: 8, maxLength: 8 }))
    .map(([asked, boardOf]) => {
      const several = asked.servers > 1
      // Two address families need networks for pods and services of both, and k3s knows them since 1.23.
      const dualStack =
        asked.dualStack && !asked.version.startsWith('v1.21') && !asked.version.startsWith('v1.22')
      const agentsByDhcp = asked.agentsByDhcp && !dualStack
      const networks = dualStack
        ? {
            'cluster-cidr': ['10.42.0.0/16', 'fd00:42::/56'],
            'service-cidr': ['10.43.0.0/16', 'fd00:43::/112'],
          }
        : {}
      const hardening = asked.hardening
      // Older releases know neither the embedded registry nor mirrors without the registry behind them.
      const isOld = /^v1\.2[124]\./.test(asked.version)
      const boards = boardOf
        .slice(0, asked.servers + asked.agents)
        .map((board, index) => boardFor(index < asked.servers && several, board))
      const kernel = kernelFor(boards, asked.vendorsKernel)
      return withoutGaps({
        apiVersion: 'appliance/v1alpha1',
        cluster: {
          name: 'bakery',
          endpoint: (several && !asked.vip) || asked.endpoint ? 'bakery.example.com' : undefined,
          vip: several && asked.vip ? { address: '192.168.10.10' } : undefined,
          k3s: {
            version: asked.version,
            datastore: several ? asked.sharedDatastore : undefined,
            disable: asked.disable,
            registries:
              asked.registries !== undefined && isOld
                ? { ...asked.registries, embedded: undefined, defaultEndpoint: undefined }
                : asked.registries,
            coredns: asked.disable?.includes('coredns') === true ? undefined : asked.coredns,
            hardening,
            podSecurity: hardening === 'cis' ? asked.podSecurity : undefined,
            config: asked.config === undefined && !dualStack ? undefined : { ...asked.config, ...networks },
            agentConfig: asked.agentConfig,
          },
          state: { encryption: 'none' },
        },
        nodes: Array.from({ length: asked.servers + asked.agents }, (_, index) => ({
          name: index < asked.servers ? `bakery-${index + 1}` : `oven-${index + 1}`,
          role: index < asked.servers ? 'server' : 'agent',
          board: boards[index],
          pi: piFor(boards[index], typeof kernel === 'object', asked.nodes[index]?.pi),
          network: networkOf(index, {
            dualStack,
            dhcp: agentsByDhcp && index >= asked.servers,
            cards: asked.cards,
            wifi: asked.nodes[index]?.wifi,
          }),
          ...settingsOf(asked.nodes[index]),
        })),
        images: imagesWithout(asked.disable ?? [], asked.images),
        site: asked.site,
        access: { users: asked.users, kubeconfigs: asked.kubeconfigs },
        provision: asked.provision,
        userData: asked.userData?.map(
          (name) => `./${name}.${asked.provision === 'ignition' ? 'bu' : 'yaml'}`,
        ),
        base: { packages: asked.packages, kernel },
        outputs: asked.outputs,
      }) as RandomProfile
    })

/** The same document with the keys of every mapping in an order drawn from `turns`. */
export const reordered = (value: unknown, turns: () => number): unknown => {
  if (Array.isArray(value)) return value.map((item) => reordered(item, turns))
  if (typeof value !== 'object' || value === null) return value
  const left = Object.entries(value)
  const entries: (readonly [string, unknown])[] = []
  while (left.length > 0) {
    const [entry] = left.splice(turns() % left.length, 1)
    if (entry !== undefined) entries.push([entry[0], reordered(entry[1], turns)])
  }
  return Object.fromEntries(entries)
}
