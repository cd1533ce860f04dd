import { posix } from 'node:path'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { ResolvedProfile, UserDataFragment } from '../resolve/resolved-profile.ts'
import type { CloudConfig } from '../resolve/user-data/cloud-config-schema.ts'
import type { IgnitionFragmentConfig } from '../resolve/user-data/ignition-schema.ts'
import { commandText, stoppedUnits } from '../resolve/user-data/node-commands.ts'
import { isUnder, unitFolder } from '../resolve/user-data/owned-paths.ts'
import { layoutOf, ownPlaces, placeOn, reachedAs } from './base-image/base-image-layout.ts'
import type { NodePlan, PlannedFile } from './build-plan.ts'
import { enabledUnits } from './node-units.ts'
import { cloudInitPaths } from './provisioning/cloud-config.ts'
import { ignitionPaths, ownIgnition } from './provisioning/ignition.ts'
import { planNodeProvisioning } from './provisioning/node-provisioning.ts'

/** Lists one after the other, in the order of the profile; single values have one owner, which was checked. */
export const mergeUserData = (userData: readonly UserDataFragment[]): CloudConfig => {
  const fragments = userData.filter((fragment) => fragment.kind === 'cloud-config')
  const list = <K extends Exclude<keyof CloudConfig, 'final_message'>>(key: K) => {
    const all = fragments.flatMap(({ config }): readonly unknown[] => config[key] ?? [])
    return all.length === 0 ? {} : { [key]: all }
  }
  const message = fragments.find(({ config }) => config.final_message !== undefined)?.config.final_message
  return {
    ...list('bootcmd'),
    ...list('groups'),
    ...list('users'),
    ...list('write_files'),
    ...list('runcmd'),
    ...(message === undefined ? {} : { final_message: message }),
  }
}

/** The configs for Ignition, in the order of the profile. */
export const ignitionFragments = (userData: readonly UserDataFragment[]): readonly IgnitionFragmentConfig[] =>
  userData.flatMap((fragment) => (fragment.kind === 'ignition' ? [fragment.config] : []))

interface WrittenPath {
  readonly path: string
  /** It would take the place of a whole folder: Ignition overwrites, cloud-init fails. */
  readonly replacesFolder: boolean
}

const writtenPaths = (fragment: UserDataFragment): readonly WrittenPath[] => {
  if (fragment.kind === 'cloud-config')
    return (fragment.config.write_files ?? []).map(({ path }) => ({ path, replacesFolder: true }))
  const { storage, systemd } = fragment.config
  return [
    ...(['directories', 'files', 'links'] as const).flatMap((list) =>
      storage[list].map(({ path }) => ({ path, replacesFolder: true })),
    ),
    ...systemd.units.flatMap(({ name, contents, mask = false, dropins = [] }) => [
      ...(contents !== undefined || mask ? [{ path: `${unitFolder}/${name}`, replacesFolder: false }] : []),
      ...dropins.map((dropin) => ({ path: `${unitFolder}/${name}.d/${dropin.name}`, replacesFolder: false })),
    ]),
  ]
}

/** Paths of the image, by whose they are. */
const ownedPaths = (
  profile: ResolvedProfile,
  nodes: readonly Pick<NodePlan, 'name' | 'seed'>[],
  baseFiles: readonly Pick<PlannedFile, 'path'>[],
): ReadonlyMap<string, string> => {
  const owned = new Map<string, string>(baseFiles.map(({ path }) => [path, 'the base']))
  const { image } = profile.base
  const ofProfile =
    profile.provision === 'ignition'
      ? ignitionPaths(planNodeProvisioning(profile), ownIgnition)
      : cloudInitPaths(image !== null)
  for (const path of ofProfile) owned.set(path, 'the profile')
  for (const { name, seed } of nodes) {
    for (const { target } of seed.install)
      if (!owned.has(target)) owned.set(target, `the seed of node ${name}`)
  }
  return owned
}

/** Files of the user's at places where the image has its own: the one or the other would be lost. */
export const checkUserDataFiles = (
  profile: ResolvedProfile,
  nodes: readonly Pick<NodePlan, 'name' | 'seed'>[],
  baseFiles: readonly Pick<PlannedFile, 'path'>[],
): readonly Diagnostic[] => {
  const owned = ownedPaths(profile, nodes, baseFiles)
  const { image } = profile.base
  const layout = image === null ? ownPlaces : layoutOf(image.configuration)
  const mounts = ['/payload', '/data'].map((folder) => placeOn(layout, folder))
  return profile.userData.flatMap((fragment, index) =>
    writtenPaths(fragment).flatMap(({ path, replacesFolder }): readonly Diagnostic[] => {
      const whole = reachedAs(layout, posix.normalize(path))
      const mount = mounts.find((folder) => isUnder(folder, whole))
      const inside = replacesFolder
        ? [...owned.keys()].find((each) => each.startsWith(`${whole}/`))
        : undefined
      const owner = owned.get(whole) ?? (inside === undefined ? undefined : owned.get(inside))
      if (owner === undefined && mount === undefined) return []
      const isInside = owned.get(whole) === undefined && inside !== undefined
      const what =
        mount === undefined
          ? `${isInside ? 'holds files' : 'is a file'} of ${owner}`
          : `is hidden by what the node mounts at \`${mount}\``
      return [
        {
          code: 'L0052',
          severity: 'error',
          message: `${fragment.file} writes \`${path}\`, which ${what}`,
          subject: { path: ['userData', index], within: path },
          help: 'write to another place; many programs read a folder of settings beside their own file',
        },
      ]
    }),
  )
}

/** Units of the base that a fragment stops, hides or puts its own in the place of. */
const takenUnits = (fragment: UserDataFragment, units: readonly string[]): readonly string[] => {
  if (fragment.kind === 'cloud-config') {
    const { bootcmd = [], runcmd = [], write_files: files = [] } = fragment.config
    const stopped = [...bootcmd, ...runcmd].map(commandText).flatMap(stoppedUnits)
    const written = files.map(({ path }) => posix.normalize(path))
    return units.filter((unit) => stopped.includes(unit) || written.includes(`${unitFolder}/${unit}`))
  }
  const { storage, systemd } = fragment.config
  const paths = [...storage.files, ...storage.links].map(({ path }) => posix.normalize(path))
  return units.filter(
    (unit) =>
      paths.includes(`${unitFolder}/${unit}`) ||
      systemd.units.some(
        ({ name, enabled, mask = false, contents }) =>
          name === unit && (enabled === false || mask || contents !== undefined),
      ),
  )
}

/** A node without ssh, network or clock is one that nobody reaches any more. */
export const checkUserDataUnits = ({ userData, base }: ResolvedProfile): readonly Diagnostic[] => {
  const units = [...enabledUnits, ...(base.image === null ? [] : layoutOf(base.image.configuration).units)]
  return userData.flatMap((fragment, index) =>
    takenUnits(fragment, units).map((unit) => ({
      code: 'L0053' as const,
      severity: 'error' as const,
      message: `${fragment.file} stops or replaces \`${unit}\`, which this node lives by`,
      subject: { path: ['userData', index], within: unit },
      help: 'change its settings by a drop-in (`dropins`)',
    })),
  )
}
