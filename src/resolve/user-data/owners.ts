import { posix } from 'node:path'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { SourceRange } from '../../diagnostics/source-file.ts'
import type { YamlTree } from '../../diagnostics/yaml/yaml-tree.ts'
import type { Profile } from '../../profile/schema.ts'
import type { Fragment } from './fragment.ts'

/** Something that can have one owner only, and where it is claimed. */
interface Claim {
  /** Equal for equal things: `user ops`, `path /etc/motd`. */
  readonly what: string
  readonly range: SourceRange
  /** Adds to what another has written, and takes nothing away. */
  readonly adds: boolean
}

/** Users that are there before anybody is asked (base-passwd), and the word of cloud-init for the one of the distribution. */
const baseUsers: readonly string[] = [
  'root',
  'default',
  'daemon',
  'bin',
  'sys',
  'nobody',
  'sshd',
  'messagebus',
]

const claimsOf = ({ config, tree }: Fragment): readonly Claim[] => [
  ...(config.users ?? []).map(({ name }, index) => ({
    what: `user ${name}`,
    range: tree.locate(['users', index, 'name']),
    adds: false,
  })),
  ...(config.write_files ?? []).map(({ path, append = false }, index) => ({
    what: `file ${posix.normalize(path)}`,
    range: tree.locate(['write_files', index, 'path']),
    adds: append,
  })),
  ...(config.final_message === undefined
    ? []
    : [{ what: 'final message', range: tree.locate(['final_message'], 'key'), adds: false }]),
]

const profileClaims = (profile: Profile, tree: YamlTree): readonly Claim[] =>
  (profile.access.users ?? []).map(({ name }, index) => ({
    what: `user ${name}`,
    range: tree.locate(['access', 'users', index, 'name']),
    adds: false,
  }))

const takenFromBase = (claim: Claim): readonly Diagnostic[] => {
  const name = baseUsers.find((user) => claim.what === `user ${user}`)
  if (name === undefined) return []
  return [
    {
      code: 'L0052',
      severity: 'error',
      message: `the user \`${name}\` belongs to the base`,
      range: claim.range,
      help: 'name a user of your own',
    },
  ]
}

/** Whatever two of the profile and its fragments claim: each such thing has one owner, and nobody wins by coming last. */
export const checkOwners = (
  profile: Profile,
  tree: YamlTree,
  fragments: readonly Fragment[],
): readonly Diagnostic[] => {
  const first = new Map<string, Claim>(profileClaims(profile, tree).map((claim) => [claim.what, claim]))
  return fragments.flatMap(claimsOf).flatMap((claim): readonly Diagnostic[] => {
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
}
