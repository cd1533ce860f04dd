import type { BaseRecipe, FrontEnd } from '../recipes/recipe.ts'
import type { Architecture } from './pins.ts'

/** Names of the packages to ask an archive for: the recipe's with those of its front end, the profile's and those of radios, sorted, each once. */
export const requestedPackages = (
  recipe: BaseRecipe,
  frontEnd: FrontEnd,
  architecture: Architecture,
  profilePackages: readonly string[],
  radioPackages: readonly string[],
): readonly string[] =>
  [
    ...new Set([
      ...recipe.packages,
      ...recipe.frontEnds[frontEnd].packages,
      ...(recipe.packagesByArchitecture[architecture] ?? []),
      ...profilePackages,
      ...radioPackages,
    ]),
  ].toSorted()
