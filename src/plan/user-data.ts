import { posix } from 'node:path'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Path } from '../diagnostics/yaml/yaml-tree.ts'
import type { ResolvedProfile, UserDataFragment } from '../resolve/resolved-profile.ts'
import type { CloudConfig } from '../resolve/user-data/cloud-config-schema.ts'
import { harmInCloudConfig, harmInIgnition, keptBesideFragment } from '../resolve/user-data/fragment-harm.ts'
import type { IgnitionFragmentConfig } from '../resolve/user-data/ignition-schema.ts'
import type { Change } from '../resolve/user-data/kept.ts'
import { isUnder, keptBy, unitFolder } from '../resolve/user-data/owned-paths.ts'
import { layoutOf, ownPlaces, placeOn, reachedAs, whyNotWritten } from './base-image/base-image-layout.ts'
import type { NodePlan, PlannedFile } from './build-plan.ts'
import { keptOn } from './kept-on-base.ts'
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

type Directory = IgnitionFragmentConfig['storage']['directories'][number]

interface WrittenPath {
  readonly path: string
  /** In the fragment. */
  readonly at: Path
  /** It would take the place of a whole folder, or close it: Ignition overwrites, cloud-init fails. */
  readonly replacesFolder: boolean
  readonly change: Change
}

/** A folder that is there stays as it is, or becomes what the folders of a system are. */
const isOpen = ({ mode = 0o755, user = {}, group = {} }: Directory): boolean =>
  mode === 0o755 && [user, group].every(({ id = 0, name = 'root' }) => id === 0 && name === 'root')

const writtenPaths = (fragment: UserDataFragment): readonly WrittenPath[] => {
  if (fragment.kind === 'cloud-config')
    return (fragment.config.write_files ?? []).map(({ path, append = false }, index) => ({
      path,
      at: ['write_files', index, 'path'],
      replacesFolder: true,
      change: append ? 'added' : 'replaced',
    }))
  const { storage, systemd } = fragment.config
  return [
    ...(['directories', 'files', 'links'] as const).flatMap((list) =>
      storage[list].map(
        (node, index): WrittenPath => ({
          path: node.path,
          at: ['storage', list, index, 'path'],
          replacesFolder: list !== 'directories' || !isOpen(node),
          change: list === 'directories' ? 'touched' : 'replaced',
        }),
      ),
    ),
    ...systemd.units.flatMap(
      ({ name, contents, mask = false, dropins = [] }, index): readonly WrittenPath[] => {
        const at: Path = ['systemd', 'units', index]
        const written = { replacesFolder: false, change: 'replaced' as const }
        return [
          ...(contents !== undefined || mask
            ? [{ path: `${unitFolder}/${name}`, at: [...at, 'name'], ...written }]
            : []),
          ...dropins.map((dropin, place) => ({
            path: `${unitFolder}/${name}.d/${dropin.name}`,
            at: [...at, 'dropins', place, 'name'],
            ...written,
          })),
        ]
      },
    ),
  ]
}

/** Files that are written by what the profile says, and by which of its keys. */
const saidBy: readonly (readonly [RegExp, string])[] = [
  [/^\/etc\/hostname$/, 'nodes[].name'],
  [/^\/etc\/(?:localtime|timezone)$/, 'site.timezone'],
  [/^\/etc\/(?:netplan|network|NetworkManager\/system-connections|systemd\/network)\//, 'nodes[].network'],
  [/^\/etc\/sudoers\.d\/90-appliance$/, 'access.users'],
  [/^\/etc\/(?:chrony\.conf$|systemd\/timesyncd\.conf\.d\/)/, 'site.ntp'],
  [/^\/etc\/appliance\/firewall\.nft$/, 'site.firewall'],
]

const keyFor = (path: string): string | undefined => saidBy.find(([pattern]) => pattern.test(path))?.[1]

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
  for (const path of owned.keys()) if (keyFor(path) !== undefined) owned.set(path, 'the profile')
  return owned
}

const elsewhere = 'write to another place; many programs read a folder of settings beside their own file'

/** Files of the user's at places where the image has its own: the one or the other would be lost, or the node would. */
export const checkUserDataFiles = (
  profile: ResolvedProfile,
  nodes: readonly Pick<NodePlan, 'name' | 'seed'>[],
  baseFiles: readonly Pick<PlannedFile, 'path'>[],
): readonly Diagnostic[] => {
  const owned = ownedPaths(profile, nodes, baseFiles)
  const { image } = profile.base
  const layout = image === null ? ownPlaces : layoutOf(image.configuration)
  const mounts = ['/payload', '/data'].map((folder) => placeOn(layout, folder))
  const kept = keptOn(profile)
  return profile.userData.flatMap((fragment, index) => {
    const ofThis = keptBesideFragment(kept, fragment)
    return writtenPaths(fragment).flatMap(({ path, at, replacesFolder, change }): readonly Diagnostic[] => {
      const whole = reachedAs(layout, posix.normalize(path))
      const mount = mounts.find((folder) => isUnder(folder, whole))
      const inside = replacesFolder
        ? [...owned.keys()].find((each) => each.startsWith(`${whole}/`))
        : undefined
      const owner = owned.get(whole) ?? (inside === undefined ? undefined : owned.get(inside))
      const subject = { path: ['userData', index], within: at }
      if (owner === undefined && mount === undefined) {
        const keeper = keptBy(path, change, ofThis) ?? whyNotWritten(layout, posix.normalize(path))
        if (keeper === undefined) return []
        const message = `${fragment.file} writes \`${path}\`, which is ${keeper.by}`
        return [{ code: 'L0053', severity: 'error', message, subject, help: keeper.instead }]
      }
      const isInside = owned.get(whole) === undefined && inside !== undefined
      const what =
        mount === undefined
          ? `${isInside ? 'holds files' : 'is a file'} of ${owner}`
          : `is hidden by what the node mounts at \`${mount}\``
      const key = owner === undefined || isInside ? undefined : keyFor(whole)
      return [
        {
          code: 'L0052',
          severity: 'error',
          message: `${fragment.file} writes \`${path}\`, which ${what}`,
          subject,
          help: key === undefined ? elsewhere : `say it in the profile (\`${key}\`)`,
        },
      ]
    })
  })
}

/** What would break a node on this base: one without ssh, network, clock or k3s's rules is one that nobody reaches any more. */
export const checkUserDataHarm = (profile: ResolvedProfile): readonly Diagnostic[] => {
  const kept = keptOn(profile)
  return profile.userData.flatMap((fragment, index) =>
    (fragment.kind === 'ignition'
      ? harmInIgnition(fragment.config, kept)
      : harmInCloudConfig(fragment.config, kept)
    ).map(({ at, message, help }) => ({
      code: 'L0053' as const,
      severity: 'error' as const,
      message: `${fragment.file}: ${message}`,
      subject: { path: ['userData', index], within: at },
      help,
    })),
  )
}
