import type { BaseRecipe } from '../recipes/recipe.ts'
import type { Architecture } from './pins.ts'

/** Names of the packages to ask an archive for: the recipe's and the profile's, sorted, each once. */
export const requestedPackages = (
  recipe: BaseRecipe,
  architecture: Architecture,
  profilePackages: readonly string[],
): readonly string[] =>
  [
    ...new Set([
      ...recipe.packages,
      ...(recipe.packagesByArchitecture[architecture] ?? []),
      ...profilePackages,
    ]),
  ].toSorted()
