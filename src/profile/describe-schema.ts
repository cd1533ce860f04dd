import { stringify } from 'yaml'
import { typePhrase } from '../diagnostics/yaml/type-name.ts'
import { profileSchema } from './schema.ts'

/** The parts of JSON Schema that the profile's schema uses. */
interface SchemaNode {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly enum?: readonly string[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>
}

/** The profile's schema, seen as data: TypeBox's own types say more than is needed here. */
const profileSchemaNode = profileSchema as unknown as SchemaNode

/** One key of the profile for people: `appliance explain nodes.board`, a row of docs/profile.md. */
export interface KeyDescription {
  /** `nodes.board`: without the indexes of lists. */
  readonly path: string
  readonly description: string
  readonly type: string
  readonly required: boolean
  /** Default value, when the schema names one. */
  readonly fallback: unknown
  /** As YAML in flow style. */
  readonly examples: readonly string[]
  readonly keys: readonly { readonly name: string; readonly description: string }[]
}

/** `one of server, agent`, `a list of texts`. */
const typeText = (schema: SchemaNode): string => {
  if (schema.enum !== undefined)
    return schema.enum.length === 1 ? `\`${schema.enum[0]}\`` : `one of ${schema.enum.join(', ')}`
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(', or ')
  if (schema.type === 'array') {
    const { items } = schema
    if (items?.enum !== undefined) return `a list of ${items.enum.join(', ')}`
    return items?.type === 'string' ? 'a list of texts' : 'a list'
  }
  if (schema.patternProperties !== undefined) return 'a map of your own keys'
  return typePhrase(schema.type)
}

/** The map behind a list, the user's own keys or a choice of forms: where the next key of a path is looked up. */
const mapOf = (schema: SchemaNode): SchemaNode | undefined => {
  if (schema.properties !== undefined) return schema
  if (schema.items !== undefined) return mapOf(schema.items)
  const [own] = Object.values(schema.patternProperties ?? {})
  if (own !== undefined) return mapOf(own)
  return schema.anyOf?.map(mapOf).find((found) => found !== undefined)
}

const describe = (path: string, schema: SchemaNode, required: boolean): KeyDescription => ({
  path,
  description: schema.description ?? '',
  type: typeText(schema),
  required,
  fallback: schema.default,
  examples: (schema.examples ?? []).map((example) =>
    stringify(example, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd(),
  ),
  keys: Object.entries(mapOf(schema)?.properties ?? {}).map(([name, inner]) => ({
    name,
    description: inner.description ?? '',
  })),
})

/** `nodes.board`, `nodes[0].board` or `nodes[].board`; undefined where the schema has no such key. */
export const describeKey = (subject: string): KeyDescription | undefined => {
  const path = subject.replace(/\[\d*\]/g, '').split('.')
  let schema = profileSchemaNode
  let required = true
  for (const key of path) {
    const map = mapOf(schema)
    const next =
      map?.properties !== undefined && Object.hasOwn(map.properties, key) ? map.properties[key] : undefined
    if (next === undefined) return undefined
    required = map?.required?.includes(key) ?? false
    schema = next
  }
  return describe(path.join('.'), schema, required)
}

/** Every key, parents before children, in the order of the schema. */
export const everyKey = (root: SchemaNode = profileSchemaNode, parent = ''): readonly KeyDescription[] => {
  const map = mapOf(root)
  return Object.entries(map?.properties ?? {}).flatMap(([key, schema]) => {
    const path = parent === '' ? key : `${parent}.${key}`
    return [describe(path, schema, map?.required?.includes(key) ?? false), ...everyKey(schema, path)]
  })
}
