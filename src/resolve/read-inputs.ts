import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Profile } from '../profile/schema.ts'
import type { WorkloadEntry } from '../profile/workload-entry.ts'
import { entryName, namePath } from '../profile/workload-entry.ts'
import type { BaseImageRequest } from './base-image/base-image-request.ts'
import type { Lock } from './lock.ts'
import { readPinnedFragment } from './update-lock/user-data.ts'
import type { UserFile, UserFolder } from './update-lock/workloads/user-files.ts'
import { faultIn, listFiles, pathOf, readUserFile } from './update-lock/workloads/user-files.ts'
import type { LockedUserData } from './user-data/locked-user-data.ts'
import { placeInFragment } from './user-data/place-in-fragment.ts'
import { deployedFiles, namedPaths } from './workloads/entry-files.ts'
import { treeHash } from './workloads/hash.ts'
import type { LockedWorkload } from './workloads/locked-workloads.ts'

/** The hash of an entry's files as they are now; undefined where one is no longer there, which a build does not need. */
const digestNow = async (user: UserFolder, entry: WorkloadEntry): Promise<string | undefined> => {
  const files: UserFile[] = []
  for (const named of namedPaths(entry)) {
    const folder = (await user.files.stat(pathOf(user, named)))?.isDirectory === true
    const listed = folder ? await listFiles(user, named) : [named]
    for (const name of entry.kind === 'manifest' && folder ? deployedFiles(listed) : listed) {
      const file = await readUserFile(user, name, entry.at)
      if ('code' in file) return undefined
      files.push(file)
    }
  }
  return treeHash(files)
}

/** Images are built from what the lock pins: whoever has changed a manifest or chart since must be told. */
export const changedWorkloads = async (
  user: UserFolder,
  entries: readonly WorkloadEntry[],
  locked: readonly LockedWorkload[],
): Promise<readonly Diagnostic[]> => {
  const found: Diagnostic[] = []
  for (const entry of entries) {
    const pinned = locked.find((each) => each.entry === entryName(entry))
    const digest = await digestNow(user, entry)
    if (pinned === undefined || digest === undefined || digest === pinned.digest) continue
    const message = `the ${entryName(entry)} has changed since the lock was made, and is used as it was`
    const help = 'run `appliance lock` to take the change over'
    found.push(faultIn(user, 'L0040', namePath(entry), message, help, 'warning'))
  }
  return found
}

/** User data too is used as the lock has it. */
export const changedUserData = async (
  user: UserFolder,
  locked: readonly LockedUserData[],
): Promise<readonly Diagnostic[]> => {
  const found: Diagnostic[] = []
  for (const [index, { file, sha256 }] of locked.entries()) {
    const now = await readUserFile(user, file, ['userData', index])
    if ('code' in now || now.sha256 === sha256) continue
    const message = `${file} has changed since the lock was made, and is used as it was`
    const help = 'run `appliance lock` to take the change over'
    found.push(faultIn(user, 'L0040', ['userData', index], message, help, 'warning'))
  }
  return found
}

/**
 * A base image too. Reading it whole takes as long as a build: where its file lies there as it is since before the lock was made, it is
 * not (its ctime, for many tools keep the mtime of what they copy), and `hashOf` may remember what it has read.
 */
export const changedBaseImage = async (
  user: UserFolder,
  request: BaseImageRequest | null,
  {
    created,
    base: { image: locked },
  }: Pick<Lock, 'created'> & { readonly base: Pick<Lock['base'], 'image'> },
  hashOf: (path: string) => Promise<string>,
): Promise<readonly Diagnostic[]> => {
  if (request === null || locked === null || request.from !== 'file' || request.source !== locked.source)
    return []
  const path = pathOf(user, request.source)
  const { sizeBytes, sha256 } = locked.artifact
  const now = await user.files.stat(path)
  if (now === undefined) return []
  const isSame =
    now.sizeBytes === sizeBytes && (now.ctimeMs <= Date.parse(created) || (await hashOf(path)) === sha256)
  if (isSame) return []
  const message = `${request.source} has changed since the lock was made, and is used as it was`
  const help = 'run `appliance lock` to take the change over'
  return [faultIn(user, 'L0040', ['base', 'image'], message, help, 'warning')]
}

/** Faults of the plan about user data get their place in its file, as long as that is the one that was pinned. */
export const placeInUserData = (
  user: UserFolder,
  profile: Profile,
  locked: readonly LockedUserData[],
  faults: readonly Diagnostic[],
): Promise<readonly Diagnostic[]> =>
  Promise.all(
    faults.map(async (fault) => {
      const { subject } = fault
      if (subject === undefined || !('path' in subject) || subject.within === undefined) return fault
      const pinned = locked[Number(subject.path.at(-1))]
      const fragment = pinned === undefined ? undefined : await readPinnedFragment(user, profile, pinned)
      const range = fragment === undefined ? undefined : placeInFragment(fragment, subject.within)
      if (range === undefined) return fault
      return { ...fault, range, related: [{ range: user.tree.locate(subject.path), note: 'named here' }] }
    }),
  )
