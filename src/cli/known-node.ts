import type { BuildPlan } from '../plan/build-plan.ts'

/** Why a name given with --node cannot be meant; undefined when all is well. */
export const unknownNode = (plan: BuildPlan, node: string | undefined): string | undefined => {
  const names = plan.nodes.map(({ name }) => name)
  if (node === undefined || names.includes(node)) return undefined
  return `the profile has no node ${node}; its nodes: ${names.join(', ')}`
}
