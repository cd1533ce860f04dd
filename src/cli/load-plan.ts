import { dirname } from 'node:path'
import { sortDiagnostics } from '../diagnostics/collector.ts'
import type { Result } from '../diagnostics/diagnostic.ts'
import type { Host } from '../host/host.ts'
import type { BuildPlan } from '../plan/build-plan.ts'
import { planBuild } from '../plan/plan.ts'
import { placeFaults } from '../profile/place-faults.ts'
import type { ValidateSettings } from '../profile/validate.ts'
import { readTemplates } from '../render/read-templates.ts'
import { createRenderer } from '../render/renderer.ts'
import { placeInUserData } from '../resolve/read-inputs.ts'
import type { LoadedResolved } from './load-profile.ts'
import { loadResolvedProfile } from './load-profile.ts'
import { resourcePath } from './resources.ts'

export interface LoadedPlan extends LoadedResolved {
  readonly plan: BuildPlan
}

/** For `plan`, `build` and `test`: profile and lock as the plan of what is built. */
export const loadPlan = async (
  host: Host,
  profilePath: string,
  settings: ValidateSettings = {},
): Promise<Result<LoadedPlan>> => {
  const [loaded, faults] = await loadResolvedProfile(host, profilePath, settings)
  if (loaded === undefined) return [undefined, faults]
  const renderer = createRenderer(await readTemplates(host.files, resourcePath('templates')))
  const [plan, planFaults] = planBuild(loaded.resolved, renderer)
  const { checked, lock } = loaded
  const user = { files: host.files, folder: dirname(profilePath), tree: checked.tree }
  const placed = await placeInUserData(user, checked.profile, lock.userData, planFaults)
  return [
    plan === undefined ? undefined : { ...loaded, plan },
    sortDiagnostics([...faults, ...placeFaults(checked, placed)]),
  ]
}
