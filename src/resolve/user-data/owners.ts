import { posix } from 'node:path'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { YamlTree } from '../../diagnostics/yaml/yaml-tree.ts'
import type { Profile } from '../../profile/schema.ts'
import { baseGroups, baseUsers } from './accounts.ts'
import type { Claim, Fragment } from './claims.ts'
import { claimsOf } from './claims.ts'

/** People of the profile, each with a group of the same name. */
const profileClaims = (profile: Profile, tree: YamlTree): readonly Claim[] =>
  (profile.access.users ?? []).flatMap(({ name }, index) =>
    ['user', 'group'].map((what) => ({
      what: `${what} ${name}`,
      range: tree.locate(['access', 'users', index, 'name']),
      adds: false,
    })),
  )

/** `default` is the word of cloud-init for the user of the distribution. */
const ofBase: ReadonlySet<string> = new Set([
  ...[...baseUsers, 'default'].map((name) => `user ${name}`),
  ...baseGroups.map((name) => `group ${name}`),
])

const takenFromBase = ({ what, range }: Claim): readonly Diagnostic[] => {
  if (!ofBase.has(what)) return []
  const [kind = '', name = ''] = what.split(' ')
  return [
    {
      code: 'L0052',
      severity: 'error',
      message: `the ${kind} \`${name}\` belongs to the base`,
      range,
      help:
        kind === 'user'
          ? 'name a user of your own'
          : 'take another name; a group of the base needs no making',
    },
  ]
}

/** A user and the group of the same name are claimed at one place: one fault is enough. */
const oncePerPlace = (faults: readonly Diagnostic[]): readonly Diagnostic[] =>
  faults.filter(
    ({ range }, index) =>
      faults.findIndex(
        (other) => other.range?.file === range?.file && other.range?.start === range?.start,
      ) === index,
  )

/** Whatever two of the profile and its fragments claim: each such thing has one owner, and nobody wins by coming last. */
export const checkOwners = (
  profile: Profile,
  tree: YamlTree,
  fragments: readonly Fragment[],
): readonly Diagnostic[] => {
  const first = new Map<string, Claim>(profileClaims(profile, tree).map((claim) => [claim.what, claim]))
  const faults = fragments.flatMap(claimsOf).flatMap((claim): readonly Diagnostic[] => {
    const earlier = first.get(claim.what)
    if (earlier === undefined) {
      first.set(claim.what, claim)
      return takenFromBase(claim)
    }
    if (claim.adds) return []
    return [
      {
        code: 'L0052',
        severity: 'error',
        message: `the ${claim.what} has two owners`,
        range: claim.range,
        related: [{ range: earlier.range, note: 'the other one' }],
        help: 'keep one of the two',
      },
    ]
  })
  return [...oncePerPlace(faults), ...checkNesting(fragments)]
}

interface Node {
  readonly path: string
  readonly isFolder: boolean
  readonly range: Claim['range']
}

const nodesOf = (fragment: Fragment): readonly Node[] =>
  fragment.kind === 'cloud-config'
    ? (fragment.config.write_files ?? []).map(({ path }, index) => ({
        path: posix.normalize(path),
        isFolder: false,
        range: fragment.tree.locate(['write_files', index, 'path']),
      }))
    : (['directories', 'files', 'links'] as const).flatMap((list) =>
        fragment.config.storage[list].map(({ path }, index) => ({
          path: posix.normalize(path),
          isFolder: list === 'directories',
          range: fragment.locate(['storage', list, index, 'path']),
        })),
      )

/** Ignition refuses a config in which something lies below a file or a link of the same config, and cloud-init fails at it. */
const checkNesting = (fragments: readonly Fragment[]): readonly Diagnostic[] => {
  const nodes = fragments.flatMap(nodesOf)
  const leaves = nodes.filter(({ isFolder }) => !isFolder)
  return nodes.flatMap(({ path, range }): readonly Diagnostic[] => {
    const above = leaves.find((leaf) => path.startsWith(`${leaf.path}/`))
    if (above === undefined) return []
    return [
      {
        code: 'L0052',
        severity: 'error',
        message: `\`${path}\` lies below \`${above.path}\`, which is to be no directory`,
        range,
        related: [{ range: above.range, note: 'the other one' }],
        help: 'name the place itself, or keep one of the two',
      },
    ]
  })
}
