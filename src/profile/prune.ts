import type { Path } from '../diagnostics/yaml/yaml-tree.ts'
import type { Profile } from './schema.ts'

/** What rules may read of a file whose shape has faults, so that one run reports both kinds. */
export interface PrunedProfile {
  readonly profile: Profile
  /** Place in the file of each node of `profile`: nodes that cannot be read are left out. */
  readonly nodeIndexes: readonly number[]
  /** False where something at, above or below this path was cut out: a rule about the whole must be silent. */
  readonly isSound: (path: Path) => boolean
  /** False where a key below this path was not known: it may be the misspelt one that a rule misses. */
  readonly isKnown: (path: Path) => boolean
}

type Tree = Record<string | number, unknown>

const isPrefix = (short: Path, long: Path): boolean => short.every((step, index) => step === long[index])

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

/** A faulty entry takes its whole list with it, but for nodes: each of them stands alone. */
const cutOf = (path: Path): Path => {
  const from = path[0] === 'nodes' ? 2 : 0
  const list = path.findIndex((step, index) => index >= from && typeof step === 'number')
  return list === -1 ? path : path.slice(0, list)
}

const remove = (root: unknown, path: Path): void => {
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((inner, step) => (isTree(inner) ? inner[step] : undefined), root)
  const last = path.at(-1)
  if (last === undefined || !isTree(parent)) return
  if (Array.isArray(parent)) parent[Number(last)] = undefined
  else delete parent[last]
}

/** A copy in which maps have no prototype, as the reader makes them. */
const clone = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(clone)
  if (!isTree(value)) return value
  const copy: Tree = Object.create(null)
  for (const [key, inner] of Object.entries(value)) copy[key] = clone(inner)
  return copy
}

/** Cuts out `faulty` values and drops nodes without name or role; sections that are missing become harmless ones. */
export const pruneProfile = (
  value: unknown,
  faulty: readonly Path[],
  unknownKeys: readonly Path[],
): PrunedProfile => {
  const copy = clone(value)
  const root: Tree = isTree(copy) && !Array.isArray(copy) ? copy : {}
  for (const path of unknownKeys) remove(root, path)
  const cuts = faulty.map(cutOf)
  for (const path of cuts) remove(root, path)

  const section = (name: string): Tree => {
    const found = root[name]
    return isTree(found) && !Array.isArray(found) ? found : {}
  }
  const cluster = section('cluster')
  const k3s = isTree(cluster['k3s']) ? cluster['k3s'] : {}
  const nodes = (Array.isArray(root['nodes']) ? root['nodes'] : [])
    .map((node: unknown, index) => ({ node, index }))
    .filter(({ node }) => isTree(node) && node['name'] !== undefined && node['role'] !== undefined)
  const access = section('access')
  return {
    profile: {
      ...root,
      apiVersion: 'appliance/v1alpha1',
      cluster: {
        ...cluster,
        name: cluster['name'] ?? 'unnamed',
        k3s: { ...k3s, version: k3s['version'] ?? 'v1.0.0+k3s1' },
      },
      nodes: nodes.map(({ node }) => node),
      access: { ...access, users: access['users'] ?? [] },
    } as Profile,
    nodeIndexes: nodes.map(({ index }) => index),
    isKnown: (path) => !unknownKeys.some((unknown) => isPrefix(path, unknown)),
    isSound: (path) => !cuts.some((cut) => isPrefix(cut, path) || isPrefix(path, cut)),
  }
}
