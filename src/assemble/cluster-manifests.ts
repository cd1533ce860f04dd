import { Buffer } from 'node:buffer'
import type { Materials } from '../materialise/materials.ts'
import { contentOf } from '../materialise/materials.ts'
import { Secret } from '../materialise/secrets.ts'
import type { BuildPlan } from '../plan/build-plan.ts'
import { manifestsFolder } from '../plan/build-plan.ts'

export const manifestsName = 'cluster-manifests.yaml'

/**
 * What the first server's image tells its cluster of people and joining nodes, in one file: a cluster that runs already
 * learns of a new one by `kubectl apply -f`, without a new image of its server. Undefined when there is nothing to tell.
 */
export const clusterManifests = async (
  plan: BuildPlan,
  materials: Materials,
): Promise<Secret | undefined> => {
  const parts: string[] = []
  for (const { seed } of plan.nodes) {
    for (const { target, content } of seed.install) {
      // Composed ones are the user's own manifests, which hold secrets of the profile.
      if (!target.startsWith(`${manifestsFolder}/`) || content.kind === 'composed') continue
      const value = await contentOf(materials, content)
      if (typeof value === 'string') throw new Error(`${target} is no manifest of ours`)
      parts.push(Buffer.from(value instanceof Secret ? value.reveal() : value).toString())
    }
  }
  return parts.length === 0 ? undefined : new Secret(parts.join('---\n'))
}
