import type { Diagnostic } from '../diagnostic.ts'
import type { ShapeError, ShapeOptions } from './shape-fault.ts'
import { toDiagnostic, toPath } from './shape-fault.ts'
import { typeName } from './type-name.ts'
import type { Path, YamlTree } from './yaml-tree.ts'

/** A checker made by scripts/gen-schema.ts. */
export interface ShapeChecker {
  (value: unknown): boolean
  errors?: readonly unknown[] | null
}

/** A fault of the shape, and what to cut out of the value so that what remains can be trusted. */
export interface ShapeFault {
  readonly diagnostic: Diagnostic
  readonly path: Path
  /** `key`: a key that means nothing; `value`: a value that is missing or cannot be read. */
  readonly cut: 'key' | 'value'
}

/** ajv's errors as few clear diagnostics: one for each fault, at its place, with what was meant. */
export const checkShape = (
  tree: YamlTree,
  checker: ShapeChecker,
  options: ShapeOptions = {},
): readonly ShapeFault[] => {
  if (checker(tree.value)) return []
  const found = (checker.errors ?? []) as readonly ShapeError[]
  const errors = withoutOtherBranches(withoutEchoes(found))
  return errors.map((error) => ({ diagnostic: toDiagnostic(tree, error, options), ...cutOf(tree, error) }))
}

/**
 * `oneOf` says which keys exclude each other: its branches, and itself where the value is no map or has a key that is not
 * known, only repeat what another fault says better.
 */
const withoutEchoes = (errors: readonly ShapeError[]): readonly ShapeError[] => {
  const unknown = new Set(
    errors
      .filter(({ keyword }) => keyword === 'additionalProperties')
      .map(({ instancePath }) => instancePath),
  )
  return errors.filter(({ keyword, schemaPath, instancePath, data }) => {
    if (/\/oneOf\/\d+\//.test(schemaPath)) return false
    return keyword !== 'oneOf' || (typeName(data) === 'object' && !unknown.has(instancePath))
  })
}

const cutOf = (
  tree: YamlTree,
  { instancePath, keyword, params }: ShapeError,
): Pick<ShapeFault, 'path' | 'cut'> => {
  const path = toPath(tree, instancePath)
  if (keyword === 'additionalProperties')
    return { path: [...path, String(params['additionalProperty'])], cut: 'key' }
  return { path: keyword === 'required' ? [...path, String(params['missingProperty'])] : path, cut: 'value' }
}

/**
 * A value that fits no form of a union fails every form. Keep the faults of the form that has the value's type, or one
 * fault that names the types when there is none.
 */
const withoutOtherBranches = (errors: readonly ShapeError[]): readonly ShapeError[] => {
  /** The form meant by each union that failed, by its place; -1 where none has the value's type. */
  const meant = new Map<string, number>()
  for (const { keyword, schemaPath, instancePath, parentSchema, data } of errors) {
    if (keyword !== 'anyOf') continue
    const branch = parentSchema.anyOf?.findIndex((part) => part.type === typeName(data)) ?? -1
    meant.set(`${schemaPath} ${instancePath}`, branch)
  }
  if (meant.size === 0) return errors
  return errors.filter((error) => {
    if (error.keyword === 'anyOf') return meant.get(`${error.schemaPath} ${error.instancePath}`) === -1
    const union = unionOf(error, meant)
    return union === undefined || union.branch === meant.get(union.key)
  })
}

/** The failed union around a fault, and the form that the fault belongs to. Unions do not nest in these schemas. */
const unionOf = (
  { schemaPath, instancePath }: ShapeError,
  meant: ReadonlyMap<string, number>,
): { readonly key: string; readonly branch: number } | undefined => {
  const [, head, branch] = /^(.*?\/anyOf)\/(\d+)\//.exec(schemaPath) ?? []
  if (head === undefined) return undefined
  for (let place = instancePath; ; place = place.slice(0, place.lastIndexOf('/'))) {
    const key = `${head} ${place}`
    if (meant.has(key)) return { key, branch: Number(branch) }
    if (place === '') return undefined
  }
}
