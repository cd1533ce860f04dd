import type { KernelSource, PageSize } from '../recipes/recipe.ts'
import type { EffectiveNode } from './effective-node.ts'
import type { Profile } from './schema.ts'

export interface KernelChoice {
  readonly source: KernelSource
  readonly pages: PageSize
}

/** The user's packages of a kernel, by the path in the profile. */
export const givenPackages = ({ base }: Pick<Profile, 'base'>): readonly string[] =>
  typeof base?.kernel === 'object' ? base.kernel.packages : []

/** Which kernel a node gets: the vendor's is for Raspberry Pis alone, and only they choose a page size. */
export const kernelChoice = (
  { base }: Pick<Profile, 'base'>,
  { pi }: Pick<EffectiveNode, 'pi'>,
  firmware: 'uefi' | object,
): KernelChoice => {
  const wish = base?.kernel ?? 'stable'
  if (firmware === 'uefi') return { source: typeof wish === 'string' ? wish : 'stable', pages: '4k' }
  return { source: typeof wish === 'string' ? wish : 'given', pages: pi?.kernel ?? '4k' }
}

/** `backports-16k`: names a kernel in a lock. */
export const kernelKey = ({ source, pages }: KernelChoice): string => `${source}-${pages}`
