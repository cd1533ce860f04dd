import type { ResolvedProfile } from '../resolve/resolved-profile.ts'

/** Defaults of k3s (docs.k3s.io/cli/server). */
const usual = { 'cluster-cidr': '10.42.0.0/16', 'flannel-backend': 'vxlan' } as const

const listOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((item) =>
    String(item)
      .split(',')
      .map((text) => text.trim()),
  )

/** Networks of the pods, one of each family in use. */
export const podNetworks = ({ cluster }: Pick<ResolvedProfile, 'cluster'>): readonly string[] =>
  listOf(cluster.config['cluster-cidr'] ?? usual['cluster-cidr'])

/** What carries packets between pods of different nodes: `vxlan`, `host-gw`, `wireguard-native`, `none`, ... */
export const flannelBackend = ({ cluster }: Pick<ResolvedProfile, 'cluster'>): string =>
  String(cluster.config['flannel-backend'] ?? usual['flannel-backend'])

/** Whether k3s deploys a component that it packages. */
export const deploys = ({ cluster }: Pick<ResolvedProfile, 'cluster'>, component: string): boolean =>
  !cluster.disable.includes(component)
