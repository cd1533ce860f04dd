import { dirname } from 'node:path'
import { sortDiagnostics } from '../diagnostics/collector.ts'
import type { Diagnostic, Result } from '../diagnostics/diagnostic.ts'
import { EnvironmentFault } from '../diagnostics/fault.ts'
import { decodeText } from '../diagnostics/yaml/decode-text.ts'
import type { Host } from '../host/host.ts'
import { registerSecret } from '../host/redaction.ts'
import { cacheDirectory } from '../materialise/cache-paths.ts'
import { createKnownHashes } from '../materialise/known-hashes.ts'
import type { CheckedProfile, ValidateSettings } from '../profile/validate.ts'
import { validateProfile } from '../profile/validate.ts'
import type { Recipes } from '../recipes/read-recipes.ts'
import { readRecipes } from '../recipes/read-recipes.ts'
import { baseImageRequest } from '../resolve/base-image/base-image-request.ts'
import { checkBaseImage } from '../resolve/base-image/check-base-image.ts'
import type { Lock } from '../resolve/lock.ts'
import { parseLock } from '../resolve/lock-file.ts'
import type { Architecture } from '../resolve/pins.ts'
import type { ProfileInputs } from '../resolve/profile-inputs.ts'
import { profileInputs } from '../resolve/profile-inputs.ts'
import { changedBaseImage, changedUserData, changedWorkloads } from '../resolve/read-inputs.ts'
import { resolveProfile } from '../resolve/resolve.ts'
import type { ResolvedProfile } from '../resolve/resolved-profile.ts'
import { readSource } from './read-source.ts'
import { resourcePath } from './resources.ts'

/** Far beyond any lock (some hundred packages for each architecture); keeps a wrong file from filling memory. */
const maxLockBytes = 16 * 1024 * 1024

/** A profile without faults, and the recipes it was checked against. */
export interface LoadedProfile {
  readonly checked: CheckedProfile
  readonly recipes: Recipes
}

export interface LoadedInputs extends LoadedProfile {
  readonly inputs: ProfileInputs
}

export interface LoadedResolved extends LoadedInputs {
  readonly lock: Lock
  readonly resolved: ResolvedProfile
}

/** `bakery.yaml` -> `bakery.lock.yaml`. */
export const lockPathOf = (profilePath: string): string => `${profilePath.replace(/\.ya?ml$/, '')}.lock.yaml`

const buildArchitectures: Readonly<Record<string, Architecture>> = { x64: 'amd64', arm64: 'arm64' }

/** Architecture of this machine in Debian's words. */
export const buildArchitecture = (): Architecture => {
  const architecture = buildArchitectures[process.arch]
  if (architecture === undefined) {
    throw new EnvironmentFault(
      `images cannot be built on a ${process.arch} machine`,
      'Build on an x86-64 or a 64-bit ARM machine.',
    )
  }
  return architecture
}

/** For `validate`: the profile alone. */
export const loadProfile = async (
  host: Host,
  path: string,
  settings: ValidateSettings = {},
): Promise<Result<LoadedProfile>> => {
  const [source, sourceFaults] = await readSource(host.files, path)
  if (source === undefined) return [undefined, sourceFaults]
  const [recipes, recipeFaults] = await readRecipes(host.files, resourcePath('images'))
  if (recipes === undefined) return [undefined, recipeFaults]
  const [checked, faults] = validateProfile(source, recipes, settings)
  for (const literal of checked?.literals.values() ?? []) registerSecret(literal)
  return [checked === undefined ? undefined : { checked, recipes }, faults]
}

/** For `lock`: the profile, and what is to be pinned for it. */
export const loadProfileInputs = async (
  host: Host,
  path: string,
  settings: ValidateSettings = {},
): Promise<Result<LoadedInputs>> => {
  const [loaded, faults] = await loadProfile(host, path, settings)
  if (loaded === undefined) return [undefined, faults]
  const inputs = profileInputs(loaded.checked, loaded.recipes)
  return [inputs === undefined ? undefined : { ...loaded, inputs }, faults]
}

const missingLock = (profilePath: string): Diagnostic => ({
  code: 'L0001',
  severity: 'error',
  message: `there is no lock ${lockPathOf(profilePath)}`,
  help: `run \`appliance lock ${profilePath}\``,
})

/** The lock beside a profile; undefined where there is none. */
const readLock = async (host: Host, profilePath: string): Promise<Result<Lock> | undefined> => {
  const lockPath = lockPathOf(profilePath)
  const stat = await host.files.stat(lockPath)
  const bytes =
    stat?.isFile === true && stat.sizeBytes <= maxLockBytes ? await host.files.readBytes(lockPath) : undefined
  if (bytes === undefined) return undefined
  const [text, textFaults] = decodeText(lockPath, bytes)
  return text === undefined ? [undefined, textFaults] : parseLock(text)
}

/** For `validate`: what a lock tells of the base image that the profile names. Nothing where there is none, or of another image. */
export const checkKnownBaseImage = async (
  host: Host,
  path: string,
  { checked, recipes }: LoadedProfile,
): Promise<readonly Diagnostic[]> => {
  const request = baseImageRequest(checked.profile)
  if (request === null) return []
  const [lock] = (await readLock(host, path)) ?? []
  if (lock === undefined || lock.base.image?.source !== request.source) return []
  return checkBaseImage(checked, recipes, lock)
}

/** For `plan`, `build` and `test`: everything filled and pinned. */
export const loadResolvedProfile = async (
  host: Host,
  path: string,
  settings: ValidateSettings = {},
): Promise<Result<LoadedResolved>> => {
  const [loaded, faults] = await loadProfileInputs(host, path, settings)
  if (loaded === undefined) return [undefined, faults]
  const read = await readLock(host, path)
  if (read === undefined) return [undefined, [...faults, missingLock(path)]]
  const [lock, lockFaults] = read
  if (lock === undefined) return [undefined, [...faults, ...lockFaults]]
  const [resolved, resolveFaults] = resolveProfile(loaded.checked, lock, {
    recipes: loaded.recipes,
    buildArchitecture: buildArchitecture(),
  })
  const user = { files: host.files, folder: dirname(path), tree: loaded.checked.tree }
  const hashOf = createKnownHashes(host, cacheDirectory(host.environment))
  const changed = [
    ...(await changedWorkloads(user, loaded.inputs.workloads, lock.workloads)),
    ...(await changedUserData(user, lock.userData)),
    ...(await changedBaseImage(user, baseImageRequest(loaded.checked.profile), lock, hashOf)),
  ]
  const all = sortDiagnostics([...faults, ...lockFaults, ...resolveFaults, ...changed])
  return [resolved === undefined ? undefined : { ...loaded, lock, resolved }, all]
}
