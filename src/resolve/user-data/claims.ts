import { posix } from 'node:path'
import type { SourceRange } from '../../diagnostics/source-file.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { CloudConfigFragment } from './fragment.ts'
import type { IgnitionFragment } from './ignition-fragment.ts'
import type { IgnitionUser } from './ignition-schema.ts'
import { unitFolder } from './owned-paths.ts'

/** A file of the user's for the provisioning that is sound by itself. */
export type Fragment = CloudConfigFragment | IgnitionFragment

/** Something that can have one owner only, and where it is claimed. */
export interface Claim {
  /** Equal for equal things: `user ops`, `file /etc/motd`. */
  readonly what: string
  readonly range: SourceRange
  /** Adds to what another has written, and takes nothing away. */
  readonly adds: boolean
}

const cloudConfigClaims = ({ config, tree }: CloudConfigFragment): readonly Claim[] => [
  ...(config.users ?? []).flatMap(({ name, uid }, index) => [
    { what: `user ${name}`, range: tree.locate(['users', index, 'name']), adds: false },
    ...(uid === undefined
      ? []
      : [{ what: `uid ${uid}`, range: tree.locate(['users', index, 'uid']), adds: false }]),
  ]),
  ...(config.write_files ?? []).map(({ path, append = false }, index) => ({
    what: `file ${posix.normalize(path)}`,
    range: tree.locate(['write_files', index, 'path']),
    adds: append,
  })),
  ...(config.final_message === undefined
    ? []
    : [{ what: 'final message', range: tree.locate(['final_message'], 'key'), adds: false }]),
]

/** useradd makes a group of the user's name, and fails where there is one, unless it is told otherwise. */
export const makesGroup = ({ primaryGroup, noUserGroup = false }: IgnitionUser): boolean =>
  primaryGroup === undefined && !noUserGroup

const ignitionClaims = ({ config, locate }: IgnitionFragment): readonly Claim[] => {
  const claim = (what: string, at: Path): Claim => ({ what, range: locate(at), adds: false })
  const { passwd, storage, systemd } = config
  return [
    ...passwd.groups.flatMap(({ name, gid }, index) => [
      claim(`group ${name}`, ['passwd', 'groups', index, 'name']),
      ...(gid === undefined ? [] : [claim(`gid ${gid}`, ['passwd', 'groups', index, 'gid'])]),
    ]),
    ...passwd.users.flatMap((user, index) => {
      const at = ['passwd', 'users', index, 'name']
      return [
        claim(`user ${user.name}`, at),
        ...(makesGroup(user) ? [claim(`group ${user.name}`, at)] : []),
        ...(user.uid === undefined ? [] : [claim(`uid ${user.uid}`, ['passwd', 'users', index, 'uid'])]),
      ]
    }),
    ...(['directories', 'files', 'links'] as const).flatMap((list) =>
      storage[list].map(({ path }, index) => {
        const whole = posix.normalize(path)
        const isUnit = list !== 'directories' && posix.dirname(whole) === unitFolder
        return claim(isUnit ? `unit ${posix.basename(whole)}` : `path ${whole}`, [
          'storage',
          list,
          index,
          'path',
        ])
      }),
    ),
    ...systemd.units.flatMap(({ name, dropins = [] }, index) => {
      const at = ['systemd', 'units', index]
      return [
        claim(`unit ${name}`, [...at, 'name']),
        ...dropins.map((dropin, place) =>
          claim(`path ${unitFolder}/${name}.d/${dropin.name}`, [...at, 'dropins', place, 'name']),
        ),
      ]
    }),
  ]
}

export const claimsOf = (fragment: Fragment): readonly Claim[] =>
  fragment.kind === 'ignition' ? ignitionClaims(fragment) : cloudConfigClaims(fragment)
