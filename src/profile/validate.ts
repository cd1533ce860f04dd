import { sortDiagnostics } from '../diagnostics/collector.ts'
import type { Diagnostic, Result } from '../diagnostics/diagnostic.ts'
import { hasErrors } from '../diagnostics/diagnostic.ts'
import type { SourceFile } from '../diagnostics/source-file.ts'
import type { ShapeChecker, ShapeFault } from '../diagnostics/yaml/check-shape.ts'
import { checkShape } from '../diagnostics/yaml/check-shape.ts'
import { parseYaml } from '../diagnostics/yaml/parse-yaml.ts'
import type { YamlTree } from '../diagnostics/yaml/yaml-tree.ts'
import type { Recipes } from '../recipes/read-recipes.ts'
import type { EffectiveNode } from './effective-node.ts'
import { mergeDefaults } from './effective-node.ts'
import { checkProfile } from './generated/check-profile.ts'
import { pruneProfile } from './prune.ts'
import { passwordKey } from './rules/access.ts'
import { checkRules } from './rules.ts'
import { patternHelp } from './schema/text-patterns.ts'
import type { Profile } from './schema.ts'

/** A profile without a fault, and the text behind it for faults that are found later. */
export interface CheckedProfile {
  readonly profile: Profile
  /** The nodes with `defaults` merged in. */
  readonly nodes: readonly EffectiveNode[]
  readonly tree: YamlTree
}

const shapeFaults = (tree: YamlTree): readonly ShapeFault[] =>
  checkShape(tree, checkProfile as ShapeChecker, {
    unknownKey: passwordKey,
    patternHelp: (pattern) => patternHelp[pattern],
    wrongChoice: (path) =>
      path[0] === 'apiVersion'
        ? { code: 'P0101', help: 'write `apiVersion: appliance/v1alpha1`' }
        : undefined,
  })

/** Text to a profile, with every fault of shape and rules in one run, in the order of the text. */
export const validateProfile = (file: SourceFile, recipes: Recipes): Result<CheckedProfile> => {
  const [tree, textFaults] = parseYaml(file)
  if (tree === undefined) return [undefined, sortDiagnostics(textFaults)]
  const shape = shapeFaults(tree)
  const { profile, nodeIndexes, isSound, isKnown } = pruneProfile(
    tree.value,
    shape.filter(({ cut }) => cut === 'value').map(({ path }) => path),
    shape.filter(({ cut }) => cut === 'key').map(({ path }) => path),
  )
  const nodes = mergeDefaults(profile, nodeIndexes)
  const faults: readonly Diagnostic[] = [
    ...shape.map(({ diagnostic }) => diagnostic),
    ...checkRules({ profile, nodes, recipes, tree, isSound, isKnown }),
  ]
  return [hasErrors(faults) ? undefined : { profile, nodes, tree }, sortDiagnostics(faults)]
}
