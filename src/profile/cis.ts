/**
 * The settings of the CIS hardening guide of k3s (docs.k3s.io/security/hardening-guide, its tabs "v1.24 and older", "v1.25 to
 * v1.28" and "v1.29 and newer" as of January 2026), by the minor of the release. What goes beyond the guide says so.
 */

/**
 * What keeps pods in their bounds: PodSecurityPolicies, which ended with 1.25, or the Pod Security Admission, whose
 * configuration is `v1beta1` since 1.23 and `v1` since 1.25. The guide takes the policies up to 1.24; where both exist the
 * admission is used, since it outlives an upgrade.
 */
export type PodSecurityForm = 'policies' | 'v1beta1' | 'v1'

export const podSecurityForm = (minor: number): PodSecurityForm => {
  if (minor < 23) return 'policies'
  return minor < 25 ? 'v1beta1' : 'v1'
}

const serverFolder = '/var/lib/rancher/k3s/server'

/** On every server; the folder of the log is made by the launcher, 0700. */
export const cisPaths = {
  admission: `${serverFolder}/psa.yaml`,
  auditPolicy: `${serverFolder}/audit.yaml`,
  auditFolder: `${serverFolder}/logs`,
  auditLog: `${serverFolder}/logs/audit.log`,
} as const

/** `vm.overcommit_memory` and the others that the kubelet compares under `protect-kernel-defaults` (kubelet, pkg/kubelet/cm). */
export const kernelDefaults: Readonly<Record<string, string>> = {
  'kernel.keys.root_maxbytes': '25000000',
  'kernel.keys.root_maxkeys': '1000000',
  'kernel.panic': '10',
  'kernel.panic_on_oops': '1',
  'vm.overcommit_memory': '1',
  'vm.panic_on_oom': '0',
}

/** Of TLS 1.2; those of 1.3 are all strong and cannot be chosen. */
export const strongCiphers: readonly string[] = [
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305',
]

export const admissionPlugins = (minor: number): readonly string[] => [
  'NodeRestriction',
  ...(podSecurityForm(minor) === 'policies'
    ? ['PodSecurityPolicy', 'NamespaceLifecycle', 'ServiceAccount']
    : []),
  'EventRateLimit',
]

type Config = Readonly<Record<string, unknown>>

/** Keys of config.yaml: for every node, and for servers beside them. */
export const cisConfig = (minor: number): { readonly everywhere: Config; readonly servers: Config } => ({
  everywhere: {
    'protect-kernel-defaults': true,
    'kubelet-arg': [
      'streaming-connection-idle-timeout=5m',
      `tls-cipher-suites=${strongCiphers.join(',')}`,
      // The guide leaves the number to the operator (control 4.2.13). This one stops a fork bomb and no workload.
      'pod-max-pids=4096',
      ...(minor <= 24 ? ['make-iptables-util-chains=true'] : []),
    ],
  },
  servers: {
    'secrets-encryption': true,
    'kube-apiserver-arg': [
      `enable-admission-plugins=${admissionPlugins(minor).join(',')}`,
      `admission-control-config-file=${cisPaths.admission}`,
      `audit-log-path=${cisPaths.auditLog}`,
      `audit-policy-file=${cisPaths.auditPolicy}`,
      'audit-log-maxage=30',
      'audit-log-maxbackup=10',
      'audit-log-maxsize=100',
      ...(minor >= 29
        ? ['service-account-extend-token-expiration=false']
        : ['request-timeout=300s', 'service-account-lookup=true']),
    ],
    'kube-controller-manager-arg': [
      `terminated-pod-gc-threshold=${minor >= 29 ? 100 : 10}`,
      ...(minor <= 24 ? ['use-service-account-credentials=true'] : []),
    ],
  },
})
