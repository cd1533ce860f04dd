/** Paths of the Kubernetes API, taken apart. */

import type { KubeObject } from './state.ts'

export interface ObjectPath {
  readonly resource: string
  /** Key of the collection in the state: `nodes` or `<namespace>/<resource>`. */
  readonly collection: string
  /** Empty for the whole collection. */
  readonly name: string
}

export const RESOURCES: Readonly<
  Record<string, { readonly kind: string; readonly apiVersion: string; readonly namespaced: boolean }>
> = {
  nodes: { kind: 'Node', apiVersion: 'v1', namespaced: false },
  namespaces: { kind: 'Namespace', apiVersion: 'v1', namespaced: false },
  pods: { kind: 'Pod', apiVersion: 'v1', namespaced: true },
  secrets: { kind: 'Secret', apiVersion: 'v1', namespaced: true },
  configmaps: { kind: 'ConfigMap', apiVersion: 'v1', namespaced: true },
  serviceaccounts: { kind: 'ServiceAccount', apiVersion: 'v1', namespaced: true },
  networkpolicies: { kind: 'NetworkPolicy', apiVersion: 'networking.k8s.io/v1', namespaced: true },
  leases: { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', namespaced: true },
  clusterrolebindings: {
    kind: 'ClusterRoleBinding',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    namespaced: false,
  },
  deployments: { kind: 'Deployment', apiVersion: 'apps/v1', namespaced: true },
  helmcharts: { kind: 'HelmChart', apiVersion: 'helm.cattle.io/v1', namespaced: true },
  helmchartconfigs: { kind: 'HelmChartConfig', apiVersion: 'helm.cattle.io/v1', namespaced: true },
  addons: { kind: 'Addon', apiVersion: 'k3s.cattle.io/v1', namespaced: true },
}

export const NAMESPACES: readonly KubeObject[] = [
  'default',
  'kube-node-lease',
  'kube-public',
  'kube-system',
].map((name) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
  status: { phase: 'Active' },
}))

/** Null for paths that this API does not have. */
export function objectPath(path: string): ObjectPath | null {
  const match = /^\/(?:api\/v1|apis\/[^/]+\/v1)\/(.+)$/.exec(path)
  if (match?.[1] === undefined) return null
  const parts = match[1].split('/').map(decodeURIComponent)
  if (parts[0] === 'namespaces' && parts.length > 2) {
    const [, namespace = '', resource = '', name = ''] = parts
    return RESOURCES[resource]?.namespaced === true
      ? { resource, collection: `${namespace}/${resource}`, name }
      : null
  }
  const [resource = '', name = '', subresource] = parts
  const known = RESOURCES[resource]
  if (known === undefined || known.namespaced || (subresource ?? 'status') !== 'status') return null
  return { resource, collection: resource, name }
}

export function resourceList(): object {
  const resources = Object.entries(RESOURCES)
    .filter(([, { apiVersion }]) => apiVersion === 'v1')
    .map(([name, { kind, namespaced }]) => ({
      name,
      singularName: kind.toLowerCase(),
      kind,
      namespaced,
      verbs: ['get', 'list'],
    }))
  return { kind: 'APIResourceList', groupVersion: 'v1', resources }
}
