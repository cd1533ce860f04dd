import type { Diagnostic } from '../diagnostic.ts'
import { suggest, suggestionHelp } from '../suggest.ts'
import { typeName, typePhrase } from './type-name.ts'
import type { Path, YamlTree } from './yaml-tree.ts'
import { pathText } from './yaml-tree.ts'

interface SchemaPart {
  readonly type?: string
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly properties?: Readonly<Record<string, SchemaPart>>
  readonly anyOf?: readonly SchemaPart[]
}

/** What ajv reports, with `verbose`: the parts used here. */
export interface ShapeError {
  readonly instancePath: string
  readonly schemaPath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly parentSchema: SchemaPart
  readonly data: unknown
}

export interface ShapeOptions {
  /** A better word on a fault than the general one, by place: undefined keeps the general one. */
  readonly unknownKey?: (parent: Path, key: string, tree: YamlTree) => Partial<Diagnostic> | undefined
  /** What a pattern means, in words. */
  readonly patternHelp?: (pattern: string) => string | undefined
  readonly wrongChoice?: (path: Path) => Partial<Diagnostic> | undefined
  /** Where the file is not a profile, of which `appliance explain` tells: what to read about its keys. */
  readonly docs?: string
}

/** `/nodes/0/name` as a path; segments are indexes where the tree has a list. */
export const toPath = (tree: YamlTree, pointer: string): Path => {
  let value = tree.value
  return pointer
    .split('/')
    .slice(1)
    .map((raw) => {
      const key = raw.replaceAll('~1', '/').replaceAll('~0', '~')
      const step = Array.isArray(value) ? Number(key) : key
      value = (value as Record<string | number, unknown> | undefined)?.[step]
      return step
    })
}

const at = (path: Path): string => (path.length === 0 ? 'the file' : `\`${pathText(path)}\``)

export const toDiagnostic = (tree: YamlTree, error: ShapeError, options: ShapeOptions): Diagnostic => {
  const path = toPath(tree, error.instancePath)
  const explain =
    path.length === 0
      ? undefined
      : (options.docs ??
        `\`appliance explain ${pathText(path.filter((step) => typeof step === 'string'))}\` shows examples`)
  const fault = (
    code: Diagnostic['code'],
    message: string,
    help: string | undefined,
    range = tree.locate(path),
  ): Diagnostic => ({ code, severity: 'error', message, range, ...(help === undefined ? {} : { help }) })

  const secret = isSecretReference(error.parentSchema)
  if (error.data === null && error.keyword !== 'required' && error.keyword !== 'additionalProperties') {
    return fault(
      'P0108',
      `${at(path)} has no value`,
      'give it a value or remove the key',
      tree.locate(path, 'key'),
    )
  }
  switch (error.keyword) {
    case 'required': {
      const key = String(error.params['missingProperty'])
      return fault(
        'P0102',
        `${at(path)} lacks the key \`${key}\``,
        options.docs ??
          `\`appliance explain ${pathText([...path.filter((step) => typeof step === 'string'), key])}\` tells what belongs there`,
        tree.locate(path, 'key'),
      )
    }
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty'])
      const general = fault(
        'P0107',
        path.length === 0 ? `unknown key \`${key}\`` : `unknown key \`${key}\` in ${at(path)}`,
        unknownKeyHelp(key, error.parentSchema),
        tree.locate([...path, key], 'key'),
      )
      return {
        ...general,
        ...(secret ? { secret: tree.locate([...path, key]) } : {}),
        ...options.unknownKey?.(path, key, tree),
      }
    }
    case 'type':
      if (secret) {
        return {
          ...fault(
            typeof error.data === 'string' ? 'R1001' : 'P0103',
            `${at(path)} says where a secret is found, not the secret itself`,
            'write `{ env: NAME }` or `{ file: PATH }`',
          ),
          secret: tree.locate(path),
        }
      }
      return fault(
        'P0103',
        `${at(path)} must be ${typePhrase(error.params['type'])}, not ${typePhrase(typeName(error.data))}`,
        typeHelp(error, tree.file.text[tree.locate(path).start]),
      )
    case 'anyOf': {
      const types = error.parentSchema.anyOf?.map((part) => typePhrase(part.type)) ?? []
      return fault(
        'P0103',
        `${at(path)} must be ${types.join(' or ')}, not ${typePhrase(typeName(error.data))}`,
        typeHelp(error, tree.file.text[tree.locate(path).start]),
      )
    }
    case 'enum': {
      const known = error.parentSchema.enum ?? []
      const written = typeof error.data === 'string' ? error.data : JSON.stringify(error.data)
      const near = suggest(written, known)
      const general = fault(
        'P0104',
        `${at(path)} cannot be \`${written.slice(0, 60)}\``,
        `${near === undefined ? '' : `did you mean \`${near}\`? `}choices: ${known.join(', ')}`,
      )
      return { ...general, ...options.wrongChoice?.(path) }
    }
    case 'pattern':
      // Whoever writes a secret where its name belongs must not find it in a log.
      if (path.at(-1) === 'env') {
        return {
          ...fault(
            'P0105',
            `${at(path)} is not the name of a variable`,
            'write its name without `$`: WIFI_PSK',
          ),
          secret: tree.locate(path),
        }
      }
      return fault(
        'P0105',
        `${at(path)} is malformed: ${JSON.stringify(error.data).slice(0, 80)}`,
        options.patternHelp?.(error.parentSchema.pattern ?? '') ?? explain,
      )
    case 'minItems':
      return fault(
        'P0106',
        `${at(path)} needs at least ${String(error.params['limit'])} entry`,
        explain,
        tree.locate(path, 'key'),
      )
    case 'oneOf':
      return fault(
        'P0106',
        `${at(path)} needs exactly one of its keys`,
        secret ? 'say by one of `env`, `file`, `exec`, `age` and `sops` where the secret is found' : explain,
        tree.locate(path, 'key'),
      )
    case 'dependentRequired':
      return fault(
        'P0102',
        `${at(path)} lacks the key \`${String(error.params['missingProperty'])}\`, which \`${String(error.params['property'])}\` belongs to`,
        explain,
        tree.locate([...path, String(error.params['property'])], 'key'),
      )
    case 'minProperties':
    case 'maxProperties':
      return fault('P0106', `${at(path)} needs exactly one of its keys`, explain, tree.locate(path, 'key'))
    default:
      return fault('P0105', `${at(path)} is malformed`, explain)
  }
}

/** The nearest key of this map, else the part below that has a key of this name: `address` belongs under `network`. */
const unknownKeyHelp = (key: string, schema: SchemaPart): string | undefined => {
  const known = Object.keys(schema.properties ?? {})
  const near = suggest(key, known)
  if (near !== undefined) return `did you mean \`${near}\`?`
  const parent = known.find((name) => Object.hasOwn(schema.properties?.[name]?.properties ?? {}, key))
  return parent === undefined ? suggestionHelp(key, known) : `\`${key}\` belongs under \`${parent}\``
}

/** The shape of profile/schema/secret.ts. */
const isSecretReference = ({ properties }: SchemaPart): boolean =>
  properties?.['env'] !== undefined && properties['file'] !== undefined

/** `begins`: the first character of the value. */
const typeHelp = (error: ShapeError, begins: string | undefined): string | undefined => {
  const wantsText =
    error.params['type'] === 'string' || error.parentSchema.anyOf?.some((part) => part.type === 'string')
  if (wantsText === true && (typeof error.data === 'number' || typeof error.data === 'boolean')) {
    return 'put it in quotes: YAML reads it as a number or as true or false'
  }
  if (wantsText === true && typeName(error.data) === 'object' && begins !== '{') {
    return 'put the whole line in quotes: without them YAML reads `a: b` as a key and its value'
  }
  if (error.params['type'] === 'array') return 'write a list: `[a, b]`, or one entry to a line after `- `'
  return undefined
}
