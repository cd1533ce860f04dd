import type { Path } from '../diagnostics/yaml/yaml-tree.ts'
import type { EffectiveNode } from './effective-node.ts'
import type { K3sRole } from './k3s-keys.ts'
import type { Profile } from './schema.ts'

/** A map of keys of config.yaml in the profile. */
export interface K3sSection {
  readonly path: Path
  readonly settings: Readonly<Record<string, unknown>>
  /** Whose config.yaml it goes into. */
  readonly role: K3sRole
  /** The one node it is for; undefined: all nodes of the role. */
  readonly node: EffectiveNode | undefined
}

interface Holder {
  readonly profile: Profile
  readonly nodes: readonly EffectiveNode[]
}

/** `cluster.k3s.agentConfig`, `cluster.k3s.config` and `nodes[].k3s`, in the order in which k3s's config.yaml takes them. */
export const k3sSections = ({ profile, nodes }: Holder): readonly K3sSection[] => {
  const { agentConfig, config } = profile.cluster.k3s
  return [
    ...(agentConfig === undefined
      ? []
      : [
          {
            path: ['cluster', 'k3s', 'agentConfig'],
            settings: agentConfig,
            role: 'both' as const,
            node: undefined,
          },
        ]),
    ...(config === undefined
      ? []
      : [{ path: ['cluster', 'k3s', 'config'], settings: config, role: 'server' as const, node: undefined }]),
    ...nodes.flatMap((node) =>
      node.k3s === undefined
        ? []
        : [{ path: ['nodes', node.index, 'k3s'], settings: node.k3s, role: node.role, node }],
    ),
  ]
}

/** One key with its value, where it is written, and for whom. */
export interface K3sSetting {
  readonly name: string
  readonly value: unknown
  readonly path: Path
  readonly section: K3sSection
}

export const k3sSettings = (holder: Holder): readonly K3sSetting[] =>
  k3sSections(holder).flatMap((section) =>
    Object.entries(section.settings).map(([name, value]) => ({
      name,
      value,
      path: [...section.path, name],
      section,
    })),
  )
