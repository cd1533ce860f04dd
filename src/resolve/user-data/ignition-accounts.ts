import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { suggest } from '../../diagnostics/suggest.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { Profile } from '../../profile/schema.ts'
import { baseGroups, baseUsers, commonGroups, commonUsers, isTakenId, takenId } from './accounts.ts'
import { makesGroup } from './claims.ts'
import type { IgnitionFragment } from './ignition-fragment.ts'

/** The names that there are at one moment: Ignition makes groups, then users in their order, then files. */
interface Known {
  readonly users: Set<string>
  readonly groups: Set<string>
  /** Packages of the profile's own, and images of the user's, may bring some that are not known here. */
  readonly isWhole: boolean
}

const unknown = (
  { isWhole, ...known }: Known,
  kind: 'user' | 'group',
  name: string | undefined,
  fragment: IgnitionFragment,
  at: Path,
): readonly Diagnostic[] => {
  const names = known[`${kind}s`]
  if (name === undefined || names.has(name)) return []
  const near = suggest(name, [...names])
  return [
    {
      code: 'L0056',
      severity: isWhole ? 'error' : 'warning',
      message: isWhole
        ? `there is no ${kind} \`${name}\` when Ignition asks for it`
        : `nothing tells whether there is a ${kind} \`${name}\` when Ignition asks for it`,
      range: fragment.locate(at),
      help: `${near === undefined ? '' : `did you mean \`${near}\`? `}make it under \`passwd.${kind}s\`; Ignition gives up otherwise`,
    },
  ]
}

const checkId = (id: number | undefined, fragment: IgnitionFragment, at: Path): readonly Diagnostic[] =>
  isTakenId(id) ? [{ code: 'L0056', severity: 'error', range: fragment.locate(at), ...takenId(id) }] : []

const checkFragmentUsers = (fragment: IgnitionFragment, known: Known): readonly Diagnostic[] =>
  fragment.config.passwd.users.flatMap((user, index): readonly Diagnostic[] => {
    const at: Path = ['passwd', 'users', index]
    const found = [
      ...checkId(user.uid, fragment, [...at, 'uid']),
      ...unknown(known, 'group', user.primaryGroup, fragment, [...at, 'primaryGroup']),
      ...(user.groups ?? []).flatMap((group, place) =>
        unknown(known, 'group', group, fragment, [...at, 'groups', place]),
      ),
    ]
    known.users.add(user.name)
    if (makesGroup(user)) known.groups.add(user.name)
    return found
  })

const checkFileOwners = (fragment: IgnitionFragment, known: Known): readonly Diagnostic[] =>
  (['directories', 'files', 'links'] as const).flatMap((list) =>
    fragment.config.storage[list].flatMap(({ user, group }, index) => {
      const at: Path = ['storage', list, index]
      return [
        ...unknown(known, 'user', user?.name, fragment, [...at, 'user', 'name']),
        ...unknown(known, 'group', group?.name, fragment, [...at, 'group', 'name']),
      ]
    }),
  )

/** Users and groups that Ignition would ask for in vain, at a node that then does not start. */
export const checkAccounts = (
  profile: Profile,
  fragments: readonly IgnitionFragment[],
): readonly Diagnostic[] => {
  const people = (profile.access.users ?? []).map(({ name }) => name)
  const made = fragments.flatMap(({ config }) => config.passwd.groups.map(({ name }) => name))
  const isImage = profile.base?.image !== undefined
  const known: Known = {
    users: new Set([...(isImage ? commonUsers : baseUsers), ...people]),
    groups: new Set([...(isImage ? commonGroups : baseGroups), ...people, ...made]),
    isWhole: !isImage && (profile.base?.packages ?? []).length === 0,
  }
  return [
    ...fragments.flatMap((fragment) =>
      fragment.config.passwd.groups.flatMap(({ gid }, index) =>
        checkId(gid, fragment, ['passwd', 'groups', index, 'gid']),
      ),
    ),
    ...fragments.flatMap((fragment) => checkFragmentUsers(fragment, known)),
    ...fragments.flatMap((fragment) => checkFileOwners(fragment, known)),
  ]
}
