import { posix } from 'node:path'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Profile } from '../../profile/schema.ts'
import { baseGroups, baseUsers, isTakenId, takenId } from './accounts.ts'
import type { CloudConfig } from './cloud-config-schema.ts'
import type { CloudConfigFragment } from './fragment.ts'
import { isUnder } from './owned-paths.ts'

type WrittenFile = NonNullable<CloudConfig['write_files']>[number]

/** Accounts by the moment at which cloud-init has them: files are written before people are made, but for deferred ones. */
interface Accounts {
  readonly users: ReadonlySet<string>
  readonly groups: ReadonlySet<string>
  readonly homes: ReadonlyMap<string, string>
  /** Packages of the profile's own, and images of the user's, may bring some that are not known here. */
  readonly isWhole: boolean
}

const namesOf = (value: string | readonly string[] | undefined): readonly string[] =>
  typeof value === 'string' ? value.split(',').map((name) => name.trim()) : (value ?? [])

/** Whom cloud-init makes, and what comes with them. */
const madeAccounts = (profile: Profile, fragments: readonly CloudConfigFragment[]): Accounts => {
  const people = (profile.access.users ?? []).map(({ name }) => name)
  const users = fragments.flatMap(({ config }) => config.users ?? [])
  const groups = fragments.flatMap(({ config }) => config.groups ?? [])
  return {
    users: new Set([...people, ...users.map(({ name }) => name)]),
    groups: new Set([
      ...people,
      ...users.flatMap(({ name, groups: joined, primary_group: primary }) => [
        name,
        ...namesOf(joined),
        ...namesOf(primary),
      ]),
      ...groups.flatMap((group) => (typeof group === 'string' ? [group] : Object.keys(group))),
    ]),
    homes: new Map([
      ...people.map((name) => [`/home/${name}`, name] as const),
      ...users.map(({ name, homedir }) => [homedir ?? `/home/${name}`, name] as const),
    ]),
    isWhole: profile.base?.image === undefined && (profile.base?.packages ?? []).length === 0,
  }
}

const ownerFaults = (
  { path, owner = '', defer = false }: WrittenFile,
  made: Accounts,
): readonly Omit<Diagnostic, 'range'>[] => {
  const [user = '', group = ''] = owner.split(':')
  return (
    [
      ['user', user, baseUsers, made.users],
      ['group', group, baseGroups, made.groups],
    ] as const
  ).flatMap(([kind, name, ofBase, ofOthers]): readonly Omit<Diagnostic, 'range'>[] => {
    if (name === '' || ofBase.includes(name)) return []
    const isLate = ofOthers.has(name)
    if (isLate && defer) return []
    return [
      {
        code: 'L0056',
        severity: isLate || made.isWhole ? 'error' : 'warning',
        message:
          isLate || made.isWhole
            ? `there is no ${kind} \`${name}\` yet when \`${path}\` is written: cloud-init would write no file after it`
            : `nothing tells whether there is a ${kind} \`${name}\` when \`${path}\` is written`,
        help: isLate
          ? 'add `defer: true`: the file is written when users and groups are made'
          : `make it under \`${kind}s\`, and add \`defer: true\``,
      },
    ]
  })
}

/** useradd leaves a home that is there already as it is: root's, with nothing of /etc/skel. */
const homeFaults = ({ path, defer = false }: WrittenFile, { homes }: Accounts) => {
  const home = [...homes.keys()].find((folder) => isUnder(folder, posix.normalize(path)))
  if (home === undefined || defer) return []
  const name = homes.get(home)
  return [
    {
      code: 'L0088',
      severity: 'error',
      message: `\`${path}\` is written before there is a ${name}, whose home would be root's then`,
      help: `add \`defer: true\` and \`owner: ${name}:${name}\``,
    },
  ] as const
}

/** Files for accounts that are not there yet, and numbers that are another's; cloud-init stops in the middle of its work there. */
export const checkCloudConfigAccounts = (
  profile: Profile,
  fragments: readonly CloudConfigFragment[],
): readonly Diagnostic[] => {
  const made = madeAccounts(profile, fragments)
  return fragments.flatMap(({ config, tree }) => [
    ...(config.users ?? []).flatMap(({ uid }, index): readonly Diagnostic[] =>
      isTakenId(uid)
        ? [
            {
              code: 'L0056',
              severity: 'error',
              range: tree.locate(['users', index, 'uid']),
              ...takenId(uid),
            },
          ]
        : [],
    ),
    ...(config.write_files ?? []).flatMap((file, index) => [
      ...ownerFaults(file, made).map((fault) => ({
        ...fault,
        range: tree.locate(['write_files', index, 'owner']),
      })),
      ...homeFaults(file, made).map((fault) => ({
        ...fault,
        range: tree.locate(['write_files', index, 'path']),
      })),
    ]),
  ])
}
