import type { Path } from '../diagnostics/yaml/yaml-tree.ts'

/** The keys of which a reference has exactly one: where its secret is found. */
export const sourceKeys = ['env', 'file', 'exec', 'age', 'sops'] as const

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A reference, sound or not, where the schema has no say: k3s itself takes no map anywhere. */
export const isReference = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isMap(value) && [...sourceKeys, 'key'].some((key) => Object.hasOwn(value, key))

/** Why a reference cannot be used, or undefined. Never quotes it: somebody may have written the secret there. */
export const referenceFault = (reference: Readonly<Record<string, unknown>>): string | undefined => {
  const keys = Object.keys(reference)
  const sources = keys.filter((key) => (sourceKeys as readonly string[]).includes(key))
  if (sources.length !== 1) return 'needs exactly one of `env`, `file`, `exec`, `age` and `sops`'
  const [source = ''] = sources
  const extra = keys.find((key) => key !== source && !(key === 'key' && source === 'sops'))
  if (extra !== undefined) return `has a key \`${extra}\` that does not belong beside \`${source}\``
  const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== ''
  if (source === 'exec') {
    const words = reference['exec']
    const sound = Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === 'string')
    return sound ? undefined : 'takes a list of texts under `exec`: a program and its arguments'
  }
  if (!keys.every((key) => isText(reference[key]))) return `takes a text under \`${source}\``
  if (source === 'env' && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(String(reference['env'])))
    return 'names a variable by letters, digits and `_`, without `$`'
  return undefined
}

/** `http://user:password@proxy:3128`, `mysql://user:password@tcp(db:3306)/k3s`: a password before an `@`. */
export const hasPassword = (text: string): boolean => /:\/\/[^/?#\s@]*:[^\s]*@/.test(text)

/** Every text and reference in a value of config.yaml, at any depth. */
export const leavesOf = (
  value: unknown,
  path: Path,
): readonly { readonly path: Path; readonly value: unknown }[] => {
  if (isReference(value)) return [{ path, value }]
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, [...path, index]))
  if (isMap(value)) return Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key]))
  return [{ path, value }]
}
