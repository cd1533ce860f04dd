import { sortDiagnostics } from '../../diagnostics/collector.ts'
import type { Diagnostic, Result } from '../../diagnostics/diagnostic.ts'
import { hasErrors } from '../../diagnostics/diagnostic.ts'
import { decodeText } from '../../diagnostics/yaml/decode-text.ts'
import type { Profile } from '../../profile/schema.ts'
import type { Fragment } from '../user-data/fragment.ts'
import { readFragment } from '../user-data/fragment.ts'
import type { LockedUserData } from '../user-data/locked-user-data.ts'
import { checkOwners } from '../user-data/owners.ts'
import type { UserFile, UserFolder } from './workloads/user-files.ts'
import { faultIn, pathOf, readUserFile } from './workloads/user-files.ts'

/** Every fragment lies in the lock, and in the seed of every node. */
const mostBytes = 256 * 1024

const readOne = async (
  user: UserFolder,
  name: string,
  index: number,
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
  return [file, source === undefined ? [undefined, faults] : readFragment(name, source)]
}

/** Reads and checks the fragments that the profile names. Undefined when something has an error. */
export const readUserData = async (
  user: UserFolder,
  profile: Profile,
): Promise<Result<readonly LockedUserData[]>> => {
  const faults: Diagnostic[] = []
  const read: { readonly file: UserFile; readonly fragment: Fragment }[] = []
  for (const [index, name] of (profile.userData ?? []).entries()) {
    const [file, [fragment, found]] = await readOne(user, name, index)
    faults.push(...found)
    if (file !== undefined && fragment !== undefined) read.push({ file, fragment })
  }
  faults.push(
    ...checkOwners(
      profile,
      user.tree,
      read.map(({ fragment }) => fragment),
    ),
  )
  if (hasErrors(faults)) return [undefined, sortDiagnostics(faults)]
  return [
    read.map(({ file, fragment }) => ({ file: file.name, sha256: file.sha256, config: fragment.config })),
    sortDiagnostics(faults),
  ]
}
