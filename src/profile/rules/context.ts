import type { Code } from '../../diagnostics/codes.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path, YamlTree } from '../../diagnostics/yaml/yaml-tree.ts'
import type { Recipes } from '../../recipes/read-recipes.ts'
import type { EffectiveNode } from '../effective-node.ts'
import type { Profile } from '../schema.ts'

/** What a rule reads, and the one way to report. A rule is a pure function of it. */
export interface RuleContext {
  readonly profile: Profile
  readonly nodes: readonly EffectiveNode[]
  readonly recipes: Recipes
  readonly tree: YamlTree
  /** False where the shape had faults at, above or below this path. */
  readonly isSound: (path: Path) => boolean
  /** False where a key below this path was not known. */
  readonly isKnown: (path: Path) => boolean
}

export type Rule = (context: RuleContext) => readonly Diagnostic[]

export interface FaultOptions {
  /** Default: error. A warning is an error under `--strict`. */
  readonly severity?: Diagnostic['severity']
  readonly help?: string
  /** The key instead of the value. */
  readonly part?: 'key' | 'value'
  /** The value at this path may be a secret: no excerpt shows it. */
  readonly secret?: Path
  readonly related?: readonly { readonly path: Path; readonly note: string }[]
}

export const faultAt = (
  { tree }: Pick<RuleContext, 'tree'>,
  code: Code,
  path: Path,
  message: string,
  { severity = 'error', help, part = 'value', related, secret }: FaultOptions = {},
): Diagnostic => ({
  code,
  severity,
  message,
  range: tree.locate(path, part),
  ...(help === undefined ? {} : { help }),
  ...(secret === undefined ? {} : { secret: tree.locate(secret) }),
  ...(related === undefined
    ? {}
    : { related: related.map(({ path: other, note }) => ({ range: tree.locate(other), note })) }),
})

/** The second and later ones of equal keys, each with the first. */
export const duplicates = <T>(
  items: readonly T[],
  keyOf: (item: T) => string | undefined,
): readonly { readonly item: T; readonly first: T }[] => {
  const seen = new Map<string, T>()
  return items.flatMap((item) => {
    const key = keyOf(item)
    if (key === undefined) return []
    const first = seen.get(key)
    if (first !== undefined) return [{ item, first }]
    seen.set(key, item)
    return []
  })
}
