import type { Path } from '../diagnostics/yaml/yaml-tree.ts'
import type { Profile, ProfileNetwork, ProfileNode } from './schema.ts'

type Storage = NonNullable<ProfileNode['storage']>

/** A node with `defaults` merged in, and where each part was written. */
export interface EffectiveNode {
  readonly index: number
  readonly name: string
  readonly role: 'server' | 'agent'
  readonly board: string | undefined
  readonly network: ProfileNetwork
  readonly storage: Storage
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly string[]
  readonly bootstrapToken: ProfileNode['bootstrapToken']
  /** Keys of config.yaml for this node alone. */
  readonly k3s: ProfileNode['k3s']
  /** Path in the file of a part such as `['network', 'gateway']`: under the node where it says so, else under `defaults`. */
  readonly origin: (part: Path) => Path
}

/** Keys that DHCP brings: `dhcp: true` of a node drops them when they are only inherited. */
const dhcpDrops = ['address', 'gateway', 'dns'] as const

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const at = (value: unknown, part: Path): unknown =>
  part.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value)

const mergeNetwork = (
  inherited: ProfileNetwork | undefined,
  own: ProfileNetwork | undefined,
): ProfileNetwork => {
  const base: ProfileNetwork = { ...inherited }
  if (own?.dhcp === true) for (const key of dhcpDrops) delete base[key]
  // The other way round, too: a static address of the node ends an inherited `dhcp: true`.
  if (own?.address !== undefined) delete base.dhcp
  return { ...base, ...own }
}

const copy = <T>(map: Readonly<Record<string, T>> | undefined): Record<string, T> => {
  const result: Record<string, T> = Object.create(null)
  return Object.assign(result, map)
}

/** Maps merge, lists and single values of the node replace. */
export const mergeDefaults = (
  profile: Profile,
  /** Place in the file of each node, when some were left out. */
  indexes: readonly number[] = profile.nodes.map((_, index) => index),
): readonly EffectiveNode[] =>
  profile.nodes.map((node, position) => {
    const index = indexes[position] ?? position
    const defaults = profile.defaults
    return {
      index,
      name: node.name,
      role: node.role,
      board: node.board ?? defaults?.board,
      network: mergeNetwork(defaults?.network, node.network),
      storage: { ...defaults?.storage, ...node.storage },
      labels: Object.assign(copy(defaults?.labels), node.labels),
      taints: node.taints ?? defaults?.taints ?? [],
      bootstrapToken: node.bootstrapToken,
      k3s: node.k3s,
      origin: (part) => {
        // A list of the node replaces the inherited one whole, so its holder decides for its entries.
        const holder = part.slice(0, part.findIndex((key) => typeof key === 'number') + 1 || undefined)
        const named = holder.filter((key) => typeof key === 'string')
        if (at(node, named) !== undefined || !isMap(defaults) || at(defaults, named) === undefined) {
          return ['nodes', index, ...part]
        }
        return ['defaults', ...part]
      },
    }
  })

/** `address: a` and `address: [a, b]` as a list, each with its path below the node. */
export const listOf = (
  value: string | readonly string[] | undefined,
  part: Path,
): readonly { readonly text: string; readonly part: Path }[] => {
  if (value === undefined) return []
  if (typeof value === 'string') return [{ text: value, part }]
  return value.map((text, index) => ({ text, part: [...part, index] }))
}
