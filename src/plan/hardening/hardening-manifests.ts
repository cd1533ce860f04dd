import type { ResolvedHardening } from '../../resolve/hardening.ts'
import type { ResolvedProfile } from '../../resolve/resolved-profile.ts'
import type { InstallEntry } from '../build-plan.ts'
import { manifestsFolder } from '../build-plan.ts'
import { toYaml } from '../to-yaml.ts'
import { exemptions, podSecurityPolicies } from './pod-security-policies.ts'

/** Namespaces that are there from the start; others belong to whoever makes them. */
const namespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const

/** No pod talks to the API by accident (control 5.1.5). Components of k3s have accounts of their own. */
const defaultAccount = (namespace: string): unknown => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'default', namespace },
  automountServiceAccountToken: false,
})

const policy = (name: string, namespace: string, podSelector: unknown, ingress: unknown): unknown => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec: { podSelector, policyTypes: ['Ingress'], ingress: [ingress] },
})

/** The label that every namespace has since 1.21. */
const withinNamespace = (namespace: string): unknown =>
  policy(
    'intra-namespace',
    namespace,
    {},
    { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }] },
  )

interface Allowance {
  /** Of `disable`: without the component there is nothing to allow. */
  readonly component: string
  readonly name: string
  readonly podSelector: unknown
  readonly ingress: unknown
}

/** What the whole cluster, or the whole site, asks of the components in kube-system. */
const allowances: readonly Allowance[] = [
  {
    component: 'coredns',
    name: 'default-network-dns-policy',
    podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    ingress: {
      ports: [
        { port: 53, protocol: 'TCP' },
        { port: 53, protocol: 'UDP' },
      ],
    },
  },
  {
    component: 'metrics-server',
    name: 'allow-all-metrics-server',
    podSelector: { matchLabels: { 'k8s-app': 'metrics-server' } },
    ingress: {},
  },
  {
    // The guide names Traefik's alone; without the others no LoadBalancer of the user's could be reached. These pods only pass
    // on what a Service has published.
    component: 'servicelb',
    name: 'allow-all-svclb-ingress',
    podSelector: {
      matchExpressions: [{ key: 'svccontroller.k3s.cattle.io/svcname', operator: 'Exists' }],
    },
    ingress: {},
  },
  {
    component: 'traefik',
    name: 'allow-all-traefik-ingress',
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'traefik' } },
    ingress: {},
  },
]

const manifest = (name: string, objects: readonly unknown[]): InstallEntry => ({
  target: `${manifestsFolder}/${name}.yaml`,
  mode: 0o600,
  content: { kind: 'text', text: objects.map(toYaml).join('---\n') },
})

/** Deployed by the first server; k3s tells AddOns apart by the name of their file. */
export const hardeningManifests = (
  { cluster: { disable } }: ResolvedProfile,
  { podSecurity }: ResolvedHardening,
): readonly InstallEntry[] => {
  const objects = [
    ...namespaces.map(defaultAccount),
    ...namespaces.map(withinNamespace),
    ...allowances
      .filter(({ component }) => !disable.includes(component))
      .map(({ name, podSelector, ingress }) => policy(name, 'kube-system', podSelector, ingress)),
    ...(podSecurity.form === 'policies' ? podSecurityPolicies : []),
  ]
  // In a file of its own: its namespaces may come later, and k3s tries a file again until all of it is there.
  const exempt = podSecurity.form === 'policies' ? exemptions(podSecurity.exemptNamespaces) : []
  return [
    manifest('appliance-hardening', objects),
    ...(exempt.length === 0 ? [] : [manifest('appliance-hardening-exempt', exempt)]),
  ]
}
