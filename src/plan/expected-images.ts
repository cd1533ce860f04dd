import { nameIn } from '../resolve/images/registry-names.ts'
import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import { fullReference } from '../resolve/workloads/asked-image.ts'
import type { ExpectedImage, PayloadPlan } from './build-plan.ts'
import { planK3sConfig } from './k3s-config.ts'

/** Everything that k3s imports on this node, also by the names of further registries. */
export const expectedImages = (
  profile: ResolvedProfile,
  node: ResolvedNode,
  payload: PayloadPlan,
): readonly ExpectedImage[] => {
  const images: readonly ExpectedImage[] = [
    ...(profile.inputs[node.architecture]?.imageNames ?? []).map((name) => ({ name, digest: null })),
    ...payload.images.map(({ name, digest }) => ({ name, digest })),
  ]
  const registries: unknown = planK3sConfig(profile, node)['airgap-extra-registry']
  if (!Array.isArray(registries)) return images
  const names = registries.filter((registry) => typeof registry === 'string')
  const elsewhere = names.flatMap((registry) =>
    images.map(({ name, digest }) => ({ name: nameIn(registry, fullReference(name) ?? name), digest })),
  )
  return [...images, ...elsewhere]
}
