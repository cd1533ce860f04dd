import type { ResolvedNode, ResolvedProfile, ResolvedVip } from '../resolve/resolved-profile.ts'
import type { InstallEntry } from './build-plan.ts'
import { manifestsFolder } from './build-plan.ts'
import { clusterMatch } from './cluster-interface.ts'
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
const settings = (vip: ResolvedVip, port: number, device: string): readonly (readonly [string, string])[] => [
  ['KUBERNETES_SERVICE_HOST', '127.0.0.1'],
  ['KUBERNETES_SERVICE_PORT', String(port)],
  ['address', vip.address],
  ['port', String(port)],
  ['vip_interface', device],
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

const daemonSet = (vip: ResolvedVip, port: number, node: string, device: string): object => {
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': node }
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { ...metadata, name: `${name}-${node}` },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          hostNetwork: true,
          priorityClassName: 'system-node-critical',
          nodeSelector: { 'kubernetes.io/hostname': node },
          tolerations: [{ operator: 'Exists' }],
          containers: [
            {
              name,
              image: vip.image,
              imagePullPolicy: 'IfNotPresent',
              args: ['manager'],
              env: [
                ...settings(vip, port, device).map(([key, value]) => ({ name: key, value })),
                { name: 'vip_nodename', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
              ],
              securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] } },
            },
          ],
        },
      },
    },
  }
}

const permissions: readonly object[] = [
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
]

/** Where the launcher finds what it gives the name of an interface to, and deploys as `appliance-vip-<node>.yaml`. */
export const unnamedVip = { target: '/var/lib/appliance/vip.yaml', interface: '@INTERFACE@' } as const

/** Null where only the machine itself knows the name. */
const deviceOf = (vip: ResolvedVip, node: ResolvedNode): string | null => {
  const match = clusterMatch(node)
  return vip.interface ?? (match?.kind === 'name' ? match.name : null)
}

/** A hardware address by which the launcher finds the interface. */
export const vipMac = ({ cluster: { vip } }: ResolvedProfile, node: ResolvedNode): string | null => {
  const match = clusterMatch(node)
  return vip === null || node.role !== 'server' || vip.interface !== null || match?.kind !== 'mac'
    ? null
    : match.mac
}

/**
 * DaemonSets, which a server deploys as soon as its API answers, and not static pods: those would need the administrator's
 * kubeconfig of each machine. Until then the address leads nowhere, and whoever joins tries again. One for each server:
 * interfaces have names of their own on each machine, and left alone kube-vip takes that of the default route
 * (`vip.GetDefaultGatewayInterface`), which is a dummy on a site without a gateway or while no cable is in.
 */
export const vipManifest: SeedPart = (profile, node, entry) => {
  const { vip } = profile.cluster
  if (vip === null || node.role !== 'server') return []
  const file = (target: string, documents: readonly object[]): InstallEntry => ({
    target,
    mode: 0o600,
    content: { kind: 'text', text: documents.map(toYaml).join('---\n') },
  })
  const device = deviceOf(vip, node)
  return [
    ...(entry.kind === 'starts' ? [file(`${manifestsFolder}/appliance-vip.yaml`, permissions)] : []),
    file(device === null ? unnamedVip.target : `${manifestsFolder}/appliance-vip-${node.name}.yaml`, [
      daemonSet(vip, apiPort(profile), node.name, device ?? unnamedVip.interface),
    ]),
  ]
}
