/**
 * PodSecurityPolicies for releases before 1.23: one that every pod must keep, one for the components in kube-system and for
 * exempt namespaces, and who may use which (docs.k3s.io/security/hardening-guide, "v1.24 and older").
 */
const policyApi = 'policy/v1beta1'
const rbac = 'rbac.authorization.k8s.io'

const anything = { rule: 'RunAsAny' }
const noRootGroup = { rule: 'MustRunAs', ranges: [{ min: 1, max: 65535 }] }
const anySeccompProfile = { 'seccomp.security.alpha.kubernetes.io/allowedProfileNames': '*' }
const anyPort = [{ min: 0, max: 65535 }]

const restricted = {
  apiVersion: policyApi,
  kind: 'PodSecurityPolicy',
  metadata: { name: 'restricted-psp' },
  spec: {
    privileged: false,
    allowPrivilegeEscalation: false,
    requiredDropCapabilities: ['ALL'],
    volumes: [
      'configMap',
      'emptyDir',
      'projected',
      'secret',
      'downwardAPI',
      'csi',
      'persistentVolumeClaim',
      'ephemeral',
    ],
    hostNetwork: false,
    hostIPC: false,
    hostPID: false,
    runAsUser: { rule: 'MustRunAsNonRoot' },
    seLinux: anything,
    supplementalGroups: noRootGroup,
    fsGroup: noRootGroup,
    readOnlyRootFilesystem: false,
  },
}

const unrestricted = {
  apiVersion: policyApi,
  kind: 'PodSecurityPolicy',
  metadata: { name: 'system-unrestricted-psp', annotations: anySeccompProfile },
  spec: {
    privileged: true,
    allowPrivilegeEscalation: true,
    allowedCapabilities: ['*'],
    volumes: ['*'],
    hostNetwork: true,
    hostIPC: true,
    hostPID: true,
    hostPorts: anyPort,
    runAsUser: anything,
    seLinux: anything,
    supplementalGroups: anything,
    fsGroup: anything,
  },
}

/** ServiceLB forwards packets, for which it sets two kernel parameters of its own network. */
const serviceLoadBalancer = {
  apiVersion: policyApi,
  kind: 'PodSecurityPolicy',
  metadata: { name: 'svclb-psp', annotations: anySeccompProfile },
  spec: {
    allowPrivilegeEscalation: false,
    allowedCapabilities: ['NET_ADMIN'],
    allowedUnsafeSysctls: ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'],
    hostPorts: anyPort,
    runAsUser: anything,
    seLinux: anything,
    supplementalGroups: anything,
    fsGroup: anything,
  },
}

const mayUse = (policy: string): unknown => ({
  apiVersion: `${rbac}/v1`,
  kind: 'ClusterRole',
  metadata: { name: `psp:${policy}` },
  rules: [
    {
      apiGroups: ['policy'],
      resources: ['podsecuritypolicies'],
      verbs: ['use'],
      resourceNames: [policy],
    },
  ],
})

interface Binding {
  readonly name: string
  readonly policy: string
  readonly subject: unknown
  /** Everywhere without one. */
  readonly namespace?: string
}

const binding = ({ name, policy, subject, namespace }: Binding): unknown => ({
  apiVersion: `${rbac}/v1`,
  kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: `psp:${policy}` },
  subjects: [subject],
})

const group = (name: string): unknown => ({ apiGroup: rbac, kind: 'Group', name })

export const podSecurityPolicies: readonly unknown[] = [
  restricted,
  unrestricted,
  serviceLoadBalancer,
  mayUse('restricted-psp'),
  mayUse('system-unrestricted-psp'),
  mayUse('svclb-psp'),
  binding({
    name: 'default:restricted-psp',
    policy: 'restricted-psp',
    subject: group('system:authenticated'),
  }),
  binding({
    name: 'system-unrestricted-node-psp-rolebinding',
    policy: 'system-unrestricted-psp',
    subject: group('system:nodes'),
  }),
  binding({
    name: 'system-unrestricted-svc-acct-psp-rolebinding',
    policy: 'system-unrestricted-psp',
    subject: group('system:serviceaccounts'),
    namespace: 'kube-system',
  }),
  binding({
    name: 'svclb-psp-rolebinding',
    policy: 'svclb-psp',
    subject: { kind: 'ServiceAccount', name: 'svclb', namespace: 'kube-system' },
    namespace: 'kube-system',
  }),
]

/** Pods of these namespaces may do anything. */
export const exemptions = (namespaces: readonly string[]): readonly unknown[] =>
  namespaces.map((namespace) =>
    binding({
      name: 'appliance-exempt',
      policy: 'system-unrestricted-psp',
      subject: group(`system:serviceaccounts:${namespace}`),
      namespace,
    }),
  )
