import { fileURLToPath } from 'node:url'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { hasErrors } from '../../diagnostics/diagnostic.ts'
import type { Host } from '../../host/host.ts'
import type { BuildPlan } from '../../plan/build-plan.ts'
import { planBuild } from '../../plan/plan.ts'
import { validateProfile } from '../../profile/validate.ts'
import type { Recipes } from '../../recipes/read-recipes.ts'
import { readRecipes } from '../../recipes/read-recipes.ts'
import { readTemplates } from '../../render/read-templates.ts'
import { createRenderer } from '../../render/renderer.ts'
import { profileInputs } from '../../resolve/profile-inputs.ts'
import { resolveProfile } from '../../resolve/resolve.ts'
import { pinnedLock } from './pinned-profile.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** From the text of a profile to its plan, with a lock that pins just what it asks for. */
export interface Planner {
  readonly recipes: Recipes
  readonly validate: (text: string) => readonly Diagnostic[]
  /** Throws what any step after validation says; undefined where validation finds an error. */
  readonly plan: (text: string) => BuildPlan | undefined
}

const required = <T>(value: T | undefined, faults: readonly Diagnostic[]): T => {
  if (value === undefined || hasErrors(faults))
    throw new Error(faults.map(({ code, message }) => `${code}: ${message}`).join('; '))
  return value
}

export const createPlanner = async (host: Host, images = `${root}/images`): Promise<Planner> => {
  const recipes = required(...(await readRecipes(host.files, images)))
  const renderer = createRenderer(await readTemplates(host.files, `${root}/templates`))
  const check = (text: string) => validateProfile({ path: 'lab.yaml', text }, recipes)
  return {
    recipes,
    validate: (text) => check(text)[1],
    plan: (text) => {
      const [checked] = check(text)
      if (checked === undefined) return undefined
      const inputs = required(profileInputs(checked, recipes), [])
      const context = { recipes, buildArchitecture: 'amd64' as const }
      const resolved = required(...resolveProfile(checked, pinnedLock(inputs), context))
      return required(...planBuild(resolved, renderer))
    },
  }
}
