import type { ResolvedVip } from '../resolve/resolved-profile.ts'
import { manifestsFolder } from './build-plan.ts'
import { apiPort } from './k3s-config.ts'
import type { SeedPart } from './seed-files.ts'
import { toYaml } from './to-yaml.ts'

const name = 'kube-vip'
const metadata = { name, namespace: 'kube-system' }
const rbac = 'rbac.authorization.k8s.io'

/**
 * Settings of kube-vip (kube-vip.io/docs/installation/flags). It asks the API server of its own machine: a server whose API
 * does not answer gives the address up, and nothing of it waits for kube-proxy.
 */
const settings = (vip: ResolvedVip, port: number): readonly (readonly [string, string])[] => [
  ['KUBERNETES_SERVICE_HOST', '127.0.0.1'],
  ['KUBERNETES_SERVICE_PORT', String(port)],
  ['address', vip.address],
  ['port', String(port)],
  ...(vip.interface === null ? [] : ([['vip_interface', vip.interface]] as const)),
  ['vip_subnet', vip.address.includes(':') ? '128' : '32'],
  ['vip_arp', 'true'],
  ['cp_enable', 'true'],
  ['cp_namespace', metadata.namespace],
  ['svc_enable', 'false'],
  ['vip_leaderelection', 'true'],
  ['vip_leasename', 'plndr-cp-lock'],
  // A slow medium must not make the address wander: longer than kube-vip's own 5, 3 and 1 seconds.
  ['vip_leaseduration', '15'],
  ['vip_renewdeadline', '10'],
  ['vip_retryperiod', '2'],
]

const daemonSet = (vip: ResolvedVip, port: number): object => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata,
  spec: {
    selector: { matchLabels: { 'app.kubernetes.io/name': name } },
    template: {
      metadata: { labels: { 'app.kubernetes.io/name': name } },
      spec: {
        serviceAccountName: name,
        hostNetwork: true,
        priorityClassName: 'system-node-critical',
        nodeSelector: { 'node-role.kubernetes.io/control-plane': 'true' },
        tolerations: [{ operator: 'Exists' }],
        containers: [
          {
            name,
            image: vip.image,
            imagePullPolicy: 'IfNotPresent',
            args: ['manager'],
            env: [
              ...settings(vip, port).map(([key, value]) => ({ name: key, value })),
              { name: 'vip_nodename', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
            ],
            securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] } },
          },
        ],
      },
    },
  },
})

const documents = (vip: ResolvedVip, port: number): readonly object[] => [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'appliance:kube-vip' },
    rules: [
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        verbs: ['get', 'list', 'watch', 'create', 'update'],
      },
      { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
    ],
  },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'appliance:kube-vip' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'appliance:kube-vip' },
    subjects: [{ kind: 'ServiceAccount', ...metadata }],
  },
  daemonSet(vip, port),
]

/**
 * A DaemonSet that the first server deploys as soon as its API answers, and not a static pod: that would need the
 * administrator's kubeconfig of each machine. Until then the address leads nowhere, and whoever joins tries again.
 */
export const vipManifest: SeedPart = (profile, _node, entry) => {
  const { vip } = profile.cluster
  if (vip === null || entry.kind !== 'starts') return []
  return [
    {
      target: `${manifestsFolder}/appliance-vip.yaml`,
      mode: 0o600,
      content: { kind: 'text', text: documents(vip, apiPort(profile)).map(toYaml).join('---\n') },
    },
  ]
}
