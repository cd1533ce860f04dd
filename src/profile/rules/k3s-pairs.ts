import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import { contains, networkOf, parseAddress } from '../ip-address.ts'
import { isKnown } from '../k3s-keys.ts'
import type { K3sSection } from '../k3s-settings.ts'
import { k3sSections } from '../k3s-settings.ts'
import { clusterCidrs } from './cluster-network.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'
import { releaseOf } from './k3s.ts'

interface Written {
  readonly value: unknown
  readonly path: Path
}

/** What a config.yaml would hold, each key with its place. */
export type K3sSettings = ReadonlyMap<string, Written>

const settingsOf = (sections: readonly K3sSection[]): K3sSettings =>
  new Map(
    sections.flatMap(({ settings, path }) =>
      Object.entries(settings).map(([name, value]) => [name, { value, path: [...path, name] }] as const),
    ),
  )

/** K3sSettings of all servers, of all agents, and of each node that has its own. */
export const everySettings = (context: RuleContext): readonly K3sSettings[] => {
  const sections = k3sSections(context)
  const common = sections.filter(({ node }) => node === undefined)
  const agents = common.filter(({ role }) => role === 'both')
  return [
    settingsOf(common),
    settingsOf(agents),
    ...sections
      .filter(({ node }) => node !== undefined)
      .map((section) => settingsOf([...(section.role === 'server' ? common : agents), section])),
  ]
}

const isOn = (settings: K3sSettings, name: string): boolean => settings.get(name)?.value === true

const textOf = (settings: K3sSettings, name: string): string | undefined => {
  const value = settings.get(name)?.value
  return typeof value === 'string' ? value : undefined
}

/** Keys that do nothing while something else is not as they need it. */
interface Idle {
  readonly keys: RegExp
  /** Why they do nothing; undefined where they do. */
  readonly off: (settings: K3sSettings, context: RuleContext) => string | undefined
}

const idle: readonly Idle[] = [
  {
    keys: /^etcd-(snapshot-.+|disable-snapshots|s3|s3-.+|expose-metrics|arg)$/,
    off: (_settings, { profile, isSound }) => {
      const kind = profile.cluster.k3s.datastore?.kind ?? 'sqlite'
      return kind === 'etcd' || !isSound(['cluster', 'k3s', 'datastore'])
        ? undefined
        : 'there is no embedded etcd'
    },
  },
  {
    keys: /^etcd-s3-/,
    off: (settings, { profile }) =>
      isOn(settings, 'etcd-s3') || profile.cluster.k3s.datastore?.snapshots?.s3 !== undefined
        ? undefined
        : '`etcd-s3` is not on',
  },
  {
    keys: /^etcd-snapshot-(schedule-cron|retention|compress|name)$/,
    off: (settings) =>
      isOn(settings, 'etcd-disable-snapshots') ? '`etcd-disable-snapshots` is on' : undefined,
  },
  {
    keys: /^etcd-s3-config-secret$/,
    off: (settings) => {
      const other = [...settings.keys()].find(
        (name) =>
          name.startsWith('etcd-s3-') && !['etcd-s3-config-secret', 'etcd-s3-retention'].includes(name),
      )
      return other === undefined ? undefined : `\`${other}\` is set, and counts instead`
    },
  },
  {
    keys: /^secrets-encryption-provider$/,
    off: (settings, { profile }) =>
      isOn(settings, 'secrets-encryption') || profile.cluster.k3s.hardening === 'cis'
        ? undefined
        : '`secrets-encryption` is not on',
  },
  {
    keys: /^embedded-registry$/,
    off: (_settings, { profile }) =>
      profile.cluster.k3s.registries === undefined
        ? 'it shares the images of registries under `registries.mirrors`, and there are none'
        : undefined,
  },
  {
    keys: /^flannel-(iface|conf|cni-conf|ipv6-masq|external-ip)$/,
    off: (settings) =>
      textOf(settings, 'flannel-backend') === 'none' ? '`flannel-backend` is `none`' : undefined,
  },
  ...(
    [
      ['kube-proxy-arg', 'disable-kube-proxy'],
      ['kube-scheduler-arg', 'disable-scheduler'],
      ['kube-cloud-controller-manager-arg', 'disable-cloud-controller'],
      ['helm-controller-arg', 'disable-helm-controller'],
      ['helm-job-image', 'disable-helm-controller'],
    ] as const
  ).map(([name, without]) => ({
    keys: new RegExp(`^${name}$`),
    off: (settings: K3sSettings) => (isOn(settings, without) ? `\`${without}\` is on` : undefined),
  })),
]

const idleKeys = (context: RuleContext, settings: K3sSettings): readonly Diagnostic[] => {
  const release = releaseOf(context)
  return [...settings].flatMap(([name, { value, path }]) => {
    // `false` asks for nothing.
    const key = context.recipes.k3s.keys.get(name)
    if (value === false || key === undefined || !isKnown(key, release)) return []
    const [why] = idle.flatMap(({ keys, off }) => (keys.test(name) ? (off(settings, context) ?? []) : []))
    if (why === undefined) return []
    return [
      faultAt(context, 'R0323', path, `\`${name}\` has no effect: ${why}`, {
        severity: 'warning',
        part: 'key',
        help: 'remove it, or set what it needs',
        ...(key.secret === undefined ? {} : { secret: path }),
      }),
    ]
  })
}

/** Two settings of which k3s obeys at most one. */
const exclusive: readonly {
  readonly one: string
  readonly other: string
  readonly when: (settings: K3sSettings) => boolean
  readonly help: string
}[] = [
  ...['docker', 'container-runtime-endpoint'].map((other) => ({
    one: 'embedded-registry',
    other,
    when: (settings: K3sSettings) =>
      isOn(settings, 'embedded-registry') && settings.get(other)?.value !== false,
    help: 'the embedded registry shares images of the containerd in k3s: keep one of the two',
  })),
  {
    one: 'helm-job-image',
    other: 'helm-controller-arg',
    when: (settings) =>
      [settings.get('helm-controller-arg')?.value]
        .flat()
        .some((arg) => String(arg).startsWith('default-job-image=')),
    help: 'both name the image of chart jobs: keep `helm-controller-arg`',
  },
  {
    one: 'etcd-s3-insecure',
    other: 'etcd-s3-endpoint-ca',
    when: (settings) => isOn(settings, 'etcd-s3-insecure'),
    help: 'without TLS there is no certificate to check: keep one of the two',
  },
  {
    one: 'etcd-s3-skip-ssl-verify',
    other: 'etcd-s3-endpoint-ca',
    when: (settings) => isOn(settings, 'etcd-s3-skip-ssl-verify'),
    help: 'a certificate is checked or not: keep one of the two',
  },
]

const conflicts = (context: RuleContext, settings: K3sSettings): readonly Diagnostic[] =>
  exclusive.flatMap(({ one, other, when, help }) => {
    const [first, second] = [settings.get(one), settings.get(other)]
    if (first === undefined || second === undefined || !when(settings)) return []
    return [
      faultAt(context, 'R0322', second.path, `\`${other}\` contradicts \`${one}\``, {
        part: 'key',
        help,
        related: [{ path: first.path, note: `\`${one}\`` }],
      }),
    ]
  })

/** Traefik is a chart: without the helm controller nobody installs it. */
const traefikWithoutHelm = (context: RuleContext, settings: K3sSettings): readonly Diagnostic[] => {
  const key = settings.get('disable-helm-controller')
  const isDisabled = (context.profile.cluster.k3s.disable ?? []).includes('traefik')
  if (key?.value !== true || isDisabled || !context.isSound(['cluster', 'k3s', 'disable'])) return []
  return [
    faultAt(context, 'R0323', key.path, 'without the helm controller traefik is not deployed', {
      severity: 'warning',
      part: 'key',
      help: 'add `traefik` to `cluster.k3s.disable`, or remove this key',
    }),
  ]
}

/** A fault of common settings is found for each kind of node that gets them. */
export const onceEach = (faults: readonly Diagnostic[]): readonly Diagnostic[] => {
  const seen = new Set<string>()
  return faults.filter(({ message, range }) => {
    const mark = `${range?.start} ${message}`
    return seen.has(mark) ? false : seen.add(mark) !== undefined
  })
}

/** Keys that contradict each other or do nothing together, in what each kind of node gets. */
export const k3sPairs: Rule = (context) =>
  onceEach(
    everySettings(context).flatMap((settings) => [
      ...idleKeys(context, settings),
      ...conflicts(context, settings),
      ...traefikWithoutHelm(context, settings),
    ]),
  )

/** `cluster-dns` is the address of a service. */
export const clusterDnsInServices: Rule = (context) => {
  const written = context.profile.cluster.k3s.config?.['cluster-dns']
  const base = ['cluster', 'k3s', 'config', 'cluster-dns']
  if (written === undefined || !context.isSound(['cluster', 'k3s', 'config'])) return []
  const services = clusterCidrs(context).filter(({ key }) => key === 'service-cidr')
  return (Array.isArray(written) ? written : [written]).flatMap((item: unknown, index) =>
    String(item)
      .split(',')
      .flatMap((text): readonly Diagnostic[] => {
        const address = parseAddress(text.trim())
        if (typeof item !== 'string' || address === undefined || services.length === 0) return []
        const network = services.find(({ value }) => contains(value, address))
        const path = Array.isArray(written) ? [...base, index] : base
        const shown = services.map((service) => service.text).join(', ')
        if (network === undefined)
          return [
            faultAt(context, 'R0330', path, `\`${text}\` is outside the service network ${shown}`, {
              help: 'use an address of `service-cidr`, or leave it out: k3s takes the tenth',
            }),
          ]
        if (address.value !== networkOf(network.value) + 1n) return []
        return [
          faultAt(context, 'R0330', path, `\`${text}\` is the address of the API in the service network`, {
            help: 'use another address, or leave it out: k3s takes the tenth',
          }),
        ]
      }),
  )
}
