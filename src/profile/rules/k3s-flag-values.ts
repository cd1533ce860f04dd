import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { suggest } from '../../diagnostics/suggest.ts'
import type { K3sArg } from '../k3s-arg.ts'
import { k3sArgs } from '../k3s-arg.ts'
import { k3sSettings } from '../k3s-settings.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'

const lastOf = (args: readonly K3sArg[], name: string): K3sArg | undefined =>
  args.findLast((arg) => arg.name === name)

/** Milliseconds that k3s gives etcd (k3s-io/k3s pkg/etcd), and the most that etcd takes (go.etcd.io/etcd embed/config.go). */
const etcdTiming = { heartbeat: 500, election: 5000, most: 50_000 } as const

/** etcd does not start when its leader would be given up between two heartbeats. */
const timingFaults = (context: RuleContext, args: readonly K3sArg[]): readonly Diagnostic[] => {
  const [beat, wait] = [lastOf(args, 'heartbeat-interval'), lastOf(args, 'election-timeout')]
  const [heartbeat, election] = [
    Number(beat?.value ?? etcdTiming.heartbeat),
    Number(wait?.value ?? etcdTiming.election),
  ]
  const at = wait ?? beat
  if (at === undefined || !(heartbeat > 0) || Number.isNaN(election)) return []
  if (election <= etcdTiming.most && election >= 5 * heartbeat) return []
  return [
    faultAt(
      context,
      'R0337',
      at.path,
      `etcd does not start with a heartbeat of ${heartbeat} ms and an election after ${election} ms`,
      {
        help:
          election > etcdTiming.most
            ? `\`election-timeout\` is at most ${etcdTiming.most}`
            : '`election-timeout` is at least five times `heartbeat-interval`',
      },
    ),
  ]
}

const ecdhe = ['ECDSA', 'RSA'].flatMap((key) =>
  [
    'AES_128_CBC_SHA',
    'AES_128_CBC_SHA256',
    'AES_256_CBC_SHA',
    'AES_128_GCM_SHA256',
    'AES_256_GCM_SHA384',
    'CHACHA20_POLY1305',
    'CHACHA20_POLY1305_SHA256',
    'RC4_128_SHA',
  ].map((cipher) => `TLS_ECDHE_${key}_WITH_${cipher}`),
)

/** Names of Go's crypto/tls and the two old ones of k8s.io/component-base/cli/flag/ciphersuites_flag.go. */
const cipherSuites: readonly string[] = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  ...ecdhe,
  'TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA',
  ...[
    '3DES_EDE_CBC_SHA',
    'AES_128_CBC_SHA',
    'AES_128_CBC_SHA256',
    'AES_128_GCM_SHA256',
    'AES_256_CBC_SHA',
    'AES_256_GCM_SHA384',
    'RC4_128_SHA',
  ].map((cipher) => `TLS_RSA_WITH_${cipher}`),
]

const tlsVersions = ['VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13']

const one = (...values: readonly string[]) => ({ values, many: false })

/** Flags that take words of a list (kubernetes.io/docs/reference/command-line-tools-reference, v1.36). */
const takes: Readonly<Record<string, { readonly values: readonly string[]; readonly many: boolean }>> = {
  'tls-cipher-suites': { values: cipherSuites, many: true },
  'tls-min-version': one(...tlsVersions),
  'proxy-mode': one('iptables', 'ipvs', 'nftables', 'userspace'),
  'logging-format': one('text', 'json'),
  'audit-log-format': one('legacy', 'json'),
  'audit-log-mode': one('batch', 'blocking', 'blocking-strict'),
  'cpu-manager-policy': one('none', 'static'),
  'memory-manager-policy': one('None', 'Static'),
  'topology-manager-policy': one('none', 'best-effort', 'restricted', 'single-numa-node'),
  'topology-manager-scope': one('container', 'pod'),
}

/** `Name=true,Other=false`, as k8s.io/component-base/featuregate reads it; names are not known here. */
const gateFaults = (context: RuleContext, args: readonly K3sArg[]): readonly Diagnostic[] =>
  args
    .filter(({ name }) => name === 'feature-gates')
    .flatMap(({ value = '', path }) =>
      value
        .split(',')
        .map((gate) => gate.trim())
        .filter((gate) => gate !== '' && !/^\w+=(1|0|t|f|true|false|TRUE|FALSE|True|False|T|F)$/.test(gate))
        .map((gate) =>
          faultAt(context, 'R0338', path, `\`${gate}\` does not say whether a feature is on`, {
            help: 'write `Name=true` or `Name=false`',
          }),
        ),
    )

/** Components end at once with a word that they do not know. */
const wordFaults = (context: RuleContext, args: readonly K3sArg[]): readonly Diagnostic[] =>
  args.flatMap(({ name, value, path }) => {
    const taken = Object.hasOwn(takes, name) ? takes[name] : undefined
    if (taken === undefined || value === undefined) return []
    return (taken.many ? value.split(',') : [value])
      .map((word) => word.trim())
      .filter((word) => !taken.values.includes(word))
      .map((word) => {
        const near = suggest(word, taken.values)
        return faultAt(context, 'R0338', path, `\`${name}\` does not take \`${word}\``, {
          help:
            near !== undefined
              ? `did you mean \`${near}\`?`
              : taken.many
                ? 'write names as Go has them, such as TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'
                : `it takes ${taken.values.join(', ')}`,
        })
      })
  })

/** Values of components' flags that are of the right type, and with which the component ends. */
export const flagValues: Rule = (context) =>
  k3sSettings(context).flatMap((setting) => {
    if (!setting.name.endsWith('-arg')) return []
    const args = k3sArgs(setting)
    return [
      ...(setting.name === 'etcd-arg' ? timingFaults(context, args) : []),
      ...wordFaults(context, args),
      ...gateFaults(context, args),
    ]
  })
