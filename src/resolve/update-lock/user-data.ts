import { sortDiagnostics } from '../../diagnostics/collector.ts'
import type { Diagnostic, Result } from '../../diagnostics/diagnostic.ts'
import { hasErrors } from '../../diagnostics/diagnostic.ts'
import type { SourceFile } from '../../diagnostics/source-file.ts'
import { decodeText } from '../../diagnostics/yaml/decode-text.ts'
import type { Profile } from '../../profile/schema.ts'
import type { Fragment } from '../user-data/claims.ts'
import { checkCloudConfigAccounts } from '../user-data/cloud-config-accounts.ts'
import { readFragment } from '../user-data/fragment.ts'
import { checkAccounts } from '../user-data/ignition-accounts.ts'
import { readIgnitionFragment } from '../user-data/ignition-fragment.ts'
import type { LockedUserData, UserDataContent } from '../user-data/locked-user-data.ts'
import { checkOwners } from '../user-data/owners.ts'
import type { UserFile, UserFolder } from './workloads/user-files.ts'
import { faultIn, pathOf, readUserFile } from './workloads/user-files.ts'

/** Every fragment lies in the lock, and in the seed of every node. */
const mostBytes = 256 * 1024

type Reader = (name: string, source: SourceFile) => Result<Fragment>

const readOne = async (
  user: UserFolder,
  name: string,
  index: number,
  reader: Reader,
): Promise<readonly [UserFile | undefined, Result<Fragment>]> => {
  const at = ['userData', index]
  const file = await readUserFile(user, name, at)
  if ('code' in file) return [undefined, [undefined, [file]]]
  if (file.bytes.length > mostBytes) {
    const message = `${pathOf(user, name)} has ${file.bytes.length} bytes; user data has at most ${mostBytes}`
    return [
      file,
      [undefined, [faultIn(user, 'L0050', at, message, 'put what is large into an image or a package')]],
    ]
  }
  const [source, faults] = decodeText(pathOf(user, name), file.bytes)
  return [file, source === undefined ? [undefined, faults] : reader(name, source)]
}

const readerFor = ({ provision, base }: Profile): Reader => {
  const isOwn = base?.image === undefined
  if (provision === 'ignition')
    return (name, source) => readIgnitionFragment(name, source, isOwn ? 'data' : 'unknown')
  // The root of an image with cloud-init can be written.
  return (name, source) => readFragment(name, source, isOwn ? 'data' : 'whole')
}

/** A fragment as it is now; undefined where it is no longer the one that was pinned. */
export const readPinnedFragment = async (
  user: UserFolder,
  profile: Profile,
  { file: name, sha256 }: Pick<LockedUserData, 'file' | 'sha256'>,
): Promise<Fragment | undefined> => {
  const [file, [fragment]] = await readOne(user, name, 0, readerFor(profile))
  return file?.sha256 === sha256 ? fragment : undefined
}

const contentOf = (fragment: Fragment): UserDataContent =>
  fragment.kind === 'ignition'
    ? { kind: fragment.kind, config: fragment.config }
    : { kind: fragment.kind, config: fragment.config }

/** Reads and checks the fragments that the profile names. Undefined when something has an error. */
export const readUserData = async (
  user: UserFolder,
  profile: Profile,
): Promise<Result<readonly LockedUserData[]>> => {
  const reader = readerFor(profile)
  const faults: Diagnostic[] = []
  const read: { readonly file: UserFile; readonly fragment: Fragment }[] = []
  for (const [index, name] of (profile.userData ?? []).entries()) {
    const [file, [fragment, found]] = await readOne(user, name, index, reader)
    faults.push(...found)
    if (file !== undefined && fragment !== undefined) read.push({ file, fragment })
  }
  const fragments = read.map(({ fragment }) => fragment)
  faults.push(
    ...checkOwners(profile, user.tree, fragments),
    ...checkAccounts(
      profile,
      fragments.filter((fragment) => fragment.kind === 'ignition'),
    ),
    ...checkCloudConfigAccounts(
      profile,
      fragments.filter((fragment) => fragment.kind === 'cloud-config'),
    ),
  )
  if (hasErrors(faults)) return [undefined, sortDiagnostics(faults)]
  return [
    read.map(({ file, fragment }) => ({ ...contentOf(fragment), file: file.name, sha256: file.sha256 })),
    sortDiagnostics(faults),
  ]
}
