import { sortDiagnostics } from '../diagnostics/collector.ts'
import type { Diagnostic, Result } from '../diagnostics/diagnostic.ts'
import { hasErrors } from '../diagnostics/diagnostic.ts'
import type { SourceFile } from '../diagnostics/source-file.ts'
import type { ShapeChecker, ShapeFault } from '../diagnostics/yaml/check-shape.ts'
import { checkShape } from '../diagnostics/yaml/check-shape.ts'
import { parseYaml } from '../diagnostics/yaml/parse-yaml.ts'
import type { Path, YamlTree } from '../diagnostics/yaml/yaml-tree.ts'
import { pathText } from '../diagnostics/yaml/yaml-tree.ts'
import type { Recipes } from '../recipes/read-recipes.ts'
import type { EffectiveNode } from './effective-node.ts'
import { mergeDefaults } from './effective-node.ts'
import { checkProfile } from './generated/check-profile.ts'
import { pruneProfile } from './prune.ts'
import { passwordKey } from './rules/access.ts'
import type { LiteralSecret } from './rules/secrets.ts'
import { literalSecrets } from './rules/secrets.ts'
import { checkRules } from './rules.ts'
import { patternHelp } from './schema/text-patterns.ts'
import type { Profile } from './schema.ts'

/** A profile without a fault, and the text behind it for faults that are found later. */
export interface CheckedProfile {
  readonly profile: Profile
  /** The nodes with `defaults` merged in. */
  readonly nodes: readonly EffectiveNode[]
  readonly tree: YamlTree
  /** Secrets that stand in the text (`--allow-literal-secrets`), by their place as `site.proxy.https`. */
  readonly literals: ReadonlyMap<string, string>
}

export interface ValidateSettings {
  /** A secret in the text is a warning instead of an error: for labs. */
  readonly allowLiteralSecrets?: boolean
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

const valueAt = (root: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null
        ? (value as Record<string | number, unknown>)[step]
        : undefined,
    root,
  )

/** Texts where the schema wants a reference to a secret. */
const literalsOf = (tree: YamlTree, shape: readonly ShapeFault[]): readonly LiteralSecret[] =>
  shape.flatMap(({ diagnostic, path }) => {
    const value = valueAt(tree.value, path)
    return diagnostic.code === 'R1001' && typeof value === 'string' ? [{ path, value }] : []
  })

const asWarning = (fault: Diagnostic): Diagnostic =>
  fault.code === 'R1001' ? { ...fault, severity: 'warning' } : fault

/** Text to a profile, with every fault of shape and rules in one run, in the order of the text. */
export const validateProfile = (
  file: SourceFile,
  recipes: Recipes,
  { allowLiteralSecrets = false }: ValidateSettings = {},
): Result<CheckedProfile> => {
  const [tree, textFaults] = parseYaml(file)
  if (tree === undefined) return [undefined, sortDiagnostics(textFaults)]
  const shape = shapeFaults(tree)
  const literals = allowLiteralSecrets ? literalsOf(tree, shape) : []
  const faulty = shape.filter(({ path }) => !literals.some((literal) => literal.path === path))
  const { profile, nodeIndexes, isSound, isKnown } = pruneProfile(
    tree.value,
    faulty.filter(({ cut }) => cut === 'value').map(({ path }) => path),
    faulty.filter(({ cut }) => cut === 'key').map(({ path }) => path),
  )
  const nodes = mergeDefaults(profile, nodeIndexes)
  const found: readonly Diagnostic[] = [
    ...shape.map(({ diagnostic }) => diagnostic),
    ...checkRules({ profile, nodes, recipes, tree, isSound, isKnown }),
  ]
  const faults = allowLiteralSecrets ? found.map(asWarning) : found
  if (hasErrors(faults)) return [undefined, sortDiagnostics(faults)]
  const all = [...literals, ...literalSecrets({ profile, nodes, recipes })]
  const checked = {
    profile,
    nodes,
    tree,
    literals: new Map(all.map(({ path, value }) => [pathText(path), value])),
  }
  return [checked, sortDiagnostics(faults)]
}
