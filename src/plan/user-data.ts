import { posix } from 'node:path'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { ResolvedProfile, UserDataFragment } from '../resolve/resolved-profile.ts'
import type { CloudConfig } from '../resolve/user-data/cloud-config-schema.ts'
import type { NodePlan, PlannedFile } from './build-plan.ts'

/** Lists one after the other, in the order of the profile; single values have one owner, which was checked. */
export const mergeUserData = (fragments: readonly UserDataFragment[]): CloudConfig => {
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

/** Files of the user's at places where the image has its own: the one or the other would be lost. */
export const checkUserDataFiles = (
  profile: ResolvedProfile,
  nodes: readonly Pick<NodePlan, 'name' | 'seed'>[],
  baseFiles: readonly Pick<PlannedFile, 'path'>[],
): readonly Diagnostic[] => {
  const owned = new Map<string, string>(baseFiles.map(({ path }) => [path, 'the base']))
  for (const { name, seed } of nodes) {
    for (const { target } of seed.install)
      if (!owned.has(target)) owned.set(target, `the seed of node ${name}`)
  }
  return profile.userData.flatMap(({ file, config }, index) =>
    (config.write_files ?? []).flatMap(({ path }): readonly Diagnostic[] => {
      const owner = owned.get(posix.normalize(path))
      if (owner === undefined) return []
      return [
        {
          code: 'L0052',
          severity: 'error',
          message: `${file} writes \`${path}\`, which is a file of ${owner}`,
          subject: { path: ['userData', index] },
          help: 'write to another place; many programs read a folder of settings beside their own file',
        },
      ]
    }),
  )
}
