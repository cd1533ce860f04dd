import type { BaseImagePlan, BasePlan, BuildPlan, NodeBase, NodePlan } from './build-plan.ts'

export const idOfBase = (base: NodeBase): string => (base.kind === 'made' ? base.baseId : base.imageId)

/** What lies under k3s on a node. */
export const baseOf = (
  { bases, baseImages }: Pick<BuildPlan, 'bases' | 'baseImages'>,
  { name, base }: Pick<NodePlan, 'name' | 'base'>,
): BasePlan | BaseImagePlan => {
  const found = [...bases, ...baseImages].find(({ id }) => id === idOfBase(base))
  if (found === undefined) throw new Error(`${name} names a base that the plan lacks`)
  return found
}
