import { admissionPlugins, cisPaths, strongCiphers } from '../cis.ts'

interface Limit {
  /** `R1410`: the hardening is undone; the others are warnings. */
  readonly code: 'R1410' | 'R1411' | 'R1412'
  /** Whether a value of the user's keeps it. */
  readonly keeps: (value: string, minor: number) => boolean
  /** Ends "the hardening needs". */
  readonly needs: string
  /** First minor that it is asked of. */
  readonly from?: number
}

export interface LimitFault {
  readonly code: Limit['code']
  readonly message: string
  readonly help: string
}

const is =
  (wanted: string) =>
  (value: string): boolean =>
    value === wanted

/** 0 keeps all, which is more. */
const atLeast =
  (least: number) =>
  (value: string): boolean =>
    value === '0' || Number(value) >= least

const entries = (value: string): readonly string[] => value.split(',').map((entry) => entry.trim())

/** Go has called two of them by another name, too. */
const isStrong = (cipher: string): boolean =>
  strongCiphers.includes(cipher.replace(/POLY1305_SHA256$/, 'POLY1305')) ||
  /^TLS_(AES|CHACHA20)_/.test(cipher)

const onLoopback = (value: string): boolean => ['127.0.0.1', '::1', 'localhost'].includes(value)

const undone = (keeps: Limit['keeps'], needs: string): Limit => ({ code: 'R1410', keeps, needs })
const short = (keeps: Limit['keeps'], needs: string, from?: number): Limit => ({
  code: 'R1411',
  keeps,
  needs,
  ...(from === undefined ? {} : { from }),
})

const noAnonymous = undone(is('false'), '`anonymous-auth=false`, which is what k3s sets')
const noProfiling = short(is('false'), '`profiling=false`, which is what k3s sets')
const loopback = short(onLoopback, 'an address of this machine alone, which is what k3s sets')

/** By key of config.yaml and flag: what the guide sets, and what its controls expect k3s to have set. */
const argumentLimits: Readonly<Record<string, Readonly<Record<string, Limit>>>> = {
  'kube-apiserver-arg': {
    'admission-control-config-file': undone(
      is(cisPaths.admission),
      `the one it makes, ${cisPaths.admission}`,
    ),
    'anonymous-auth': noAnonymous,
    'audit-log-maxage': short(atLeast(30), 'at least 30 days'),
    'audit-log-maxbackup': short(atLeast(10), 'at least 10 files'),
    'audit-log-maxsize': short(atLeast(100), 'at least 100 megabytes'),
    'audit-log-path': undone(is(cisPaths.auditLog), `its own, ${cisPaths.auditLog}`),
    'audit-policy-file': undone(is(cisPaths.auditPolicy), `the one it makes, ${cisPaths.auditPolicy}`),
    'authorization-mode': undone(
      (value) =>
        ['Node', 'RBAC'].every((mode) => entries(value).includes(mode)) &&
        !entries(value).includes('AlwaysAllow'),
      'Node and RBAC, and never AlwaysAllow',
    ),
    'disable-admission-plugins': undone(
      (value, minor) =>
        ![...admissionPlugins(minor), 'PodSecurity', 'NamespaceLifecycle', 'ServiceAccount'].some((plugin) =>
          entries(value).includes(plugin),
        ),
      'its admission plugins',
    ),
    'enable-admission-plugins': short(
      (value) => !entries(value).includes('AlwaysAdmit'),
      'plugins that refuse, not AlwaysAdmit',
    ),
    profiling: noProfiling,
    'service-account-extend-token-expiration': short(is('false'), '`false`', 29),
    'service-account-lookup': short(is('true'), '`true`'),
  },
  'kube-controller-manager-arg': {
    'bind-address': loopback,
    profiling: noProfiling,
    'terminated-pod-gc-threshold': short((value) => Number(value) > 0, 'a number above 0'),
    'use-service-account-credentials': short(is('true'), '`true`, which is what k3s sets'),
  },
  'kube-scheduler-arg': { 'bind-address': loopback, profiling: noProfiling },
  'kubelet-arg': {
    'anonymous-auth': noAnonymous,
    'authorization-mode': undone(is('Webhook'), '`Webhook`, which is what k3s sets'),
    'make-iptables-util-chains': short(is('true'), '`true`'),
    'pod-max-pids': short((value) => Number(value) > 0, 'a number above 0'),
    'protect-kernel-defaults': undone(is('true'), '`true`'),
    'read-only-port': undone(is('0'), '`0`, which is what k3s sets'),
    'streaming-connection-idle-timeout': short((value) => !/^0[a-z]*$/.test(value), 'a limit'),
    'tls-cipher-suites': short((value) => entries(value).every(isStrong), 'strong ciphers alone'),
  },
}

/** By key of config.yaml. */
const keyLimits: Readonly<Record<string, Limit>> = {
  'disable-network-policy': {
    code: 'R1412',
    keeps: is('false'),
    needs: 'a controller that enforces network policies',
  },
  'protect-kernel-defaults': undone(is('true'), '`true`'),
  'secrets-encryption': undone(is('true'), '`true`'),
}

const helpOf = ({ code, needs }: Limit): string =>
  code === 'R1412'
    ? 'right only where your network plugin enforces network policies itself'
    : `the hardening needs ${needs}`

/** What a key of config.yaml takes away from the hardening, if anything. */
export const keyFault = (key: string, value: unknown): LimitFault | undefined => {
  const limit = keyLimits[key]
  if (limit === undefined || typeof value !== 'boolean' || limit.keeps(String(value), 0)) return undefined
  const message =
    limit.code === 'R1412'
      ? `\`${key}\` leaves the network policies of the hardening without effect`
      : `\`${key}: ${value}\` undoes the hardening`
  return { code: limit.code, message, help: helpOf(limit) }
}

/** What one entry of a `*-arg` list takes away from the hardening, if anything. */
export const argumentFault = (key: string, text: string, minor: number): LimitFault | undefined => {
  const [name = '', ...rest] = text.replace(/^-+/, '').split('=')
  const flag = name.replace(/[+-]$/, '')
  const value = rest.length === 0 ? 'true' : rest.join('=')
  const limit = argumentLimits[key]?.[flag]
  if (limit === undefined || minor < (limit.from ?? 0) || limit.keeps(value, minor)) return undefined
  const message =
    limit.code === 'R1410'
      ? `\`${flag}=${value}\` undoes the hardening`
      : `\`${flag}=${value}\` falls short of the CIS benchmark`
  return { code: limit.code, message, help: helpOf(limit) }
}
