import type { Path } from '../diagnostics/yaml/yaml-tree.ts'
import type { Profile, ProfileNetwork, ProfileNode } from './schema.ts'

type Storage = NonNullable<ProfileNode['storage']>

/** A node with `defaults` merged in, and where each part was written. */
export interface EffectiveNode {
  readonly index: number
  readonly name: string
  readonly role: 'server' | 'agent'
  readonly board: string | undefined
  /** Of the interface that the cluster uses, where the node has several. */
  readonly network: ProfileNetwork
  readonly storage: Storage
  /** What only Raspberry Pis have; of `defaults` it may be on any node, and is used where the board is one. */
  readonly pi: ProfileNode['pi']
  readonly watchdog: ProfileNode['watchdog']
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
  if (own?.dhcp === true || own?.interfaces !== undefined) for (const key of dhcpDrops) delete base[key]
  if (own?.interfaces !== undefined) delete base.dhcp
  if (own?.dhcp === true || own?.address !== undefined) delete base.interfaces
  // The other way round, too: a static address of the node ends an inherited `dhcp: true`.
  if (own?.address !== undefined) delete base.dhcp
  const wifi = base.wifi === undefined ? own?.wifi : { ...base.wifi, ...own?.wifi }
  return { ...base, ...own, ...(wifi === undefined ? {} : { wifi }) }
}

export type ProfileInterface = NonNullable<ProfileNetwork['interfaces']>[number]

/** Which of several interfaces the cluster uses: the one that says so, else the first. */
const clusterInterface = (interfaces: readonly ProfileInterface[]): number =>
  Math.max(
    0,
    interfaces.findIndex(({ cluster }) => cluster === true),
  )

const networkKeys = ['dhcp', 'address', 'gateway', 'dns'] as const

/** The keys of one interface, as if it were the node's only one. */
const asOnlyOne = (
  network: ProfileNetwork,
  own: Pick<ProfileInterface, (typeof networkKeys)[number]> | undefined,
): ProfileNetwork => {
  if (own === undefined) return network
  const result: ProfileNetwork = { ...network }
  for (const key of networkKeys) {
    delete result[key]
    if (own[key] !== undefined) Object.assign(result, { [key]: own[key] })
  }
  return result
}

/** Rules for a node's network, asked about the keys of one interface, at `place`: what they find is placed there. */
const seenAt = (
  node: EffectiveNode,
  own: Parameters<typeof asOnlyOne>[1],
  place: readonly (string | number)[],
): EffectiveNode => ({
  ...node,
  network: asOnlyOne(node.network, own),
  origin: (part) => {
    const [section, key, ...rest] = part
    const isOwn = section === 'network' && (networkKeys as readonly unknown[]).includes(key)
    return node.origin(isOwn ? ['network', ...place, key as string, ...rest] : part)
  },
})

const seenThrough = (node: EffectiveNode, index: number): EffectiveNode =>
  seenAt(node, node.network.interfaces?.[index], ['interfaces', index])

const seenThroughRadio = (node: EffectiveNode): EffectiveNode => seenAt(node, node.network.wifi, ['wifi'])

/** A node once for each of its wired interfaces; one with a single wired network as it is. */
export const everyWired = (node: EffectiveNode): readonly EffectiveNode[] =>
  node.network.interfaces === undefined
    ? [node]
    : node.network.interfaces.map((_, index) => seenThrough(node, index))

/** As everyWired, and once for its radio where that is not left to DHCP. */
export const everyInterface = (node: EffectiveNode): readonly EffectiveNode[] => {
  const { address, wifi } = node.network
  const isSeparate =
    networkKeys.some((key) => key !== 'dhcp' && wifi?.[key] !== undefined) &&
    (wifi?.address === undefined || wifi.address !== address)
  return isSeparate ? [...everyWired(node), seenThroughRadio(node)] : everyWired(node)
}

/** Whether the cluster knows the node by the address of its radio: no cable has one. */
export const isByRadio = ({ interfaces, address, wifi }: ProfileNetwork): boolean =>
  interfaces === undefined &&
  wifi?.address !== undefined &&
  (address === undefined || address === wifi.address)

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
    const merged: EffectiveNode = {
      index,
      name: node.name,
      role: node.role,
      board: node.board ?? defaults?.board,
      network: mergeNetwork(defaults?.network, node.network),
      storage: { ...defaults?.storage, ...node.storage },
      pi: defaults?.pi === undefined && node.pi === undefined ? undefined : { ...defaults?.pi, ...node.pi },
      watchdog: node.watchdog ?? defaults?.watchdog,
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
    const { interfaces } = merged.network
    if (interfaces !== undefined) return seenThrough(merged, clusterInterface(interfaces))
    return isByRadio(merged.network) ? seenThroughRadio(merged) : merged
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
