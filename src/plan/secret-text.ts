import type { SecretValue } from '../resolve/secret-source.ts'
import type { FileContent, TextPart } from './build-plan.ts'
import { toYaml } from './to-yaml.ts'

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What resolve puts in the place of a secret. */
export const isSecretValue = (value: unknown): value is SecretValue =>
  isMap(value) && Object.keys(value).length === 1 && isMap(value['secret'])

/** The same value with each secret replaced by what `by` makes of it. */
const replaceSecrets = (value: unknown, by: (secret: SecretValue) => unknown): unknown => {
  if (isSecretValue(value)) return by(value)
  if (Array.isArray(value)) return value.map((item) => replaceSecrets(item, by))
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceSecrets(item, by)]))
}

/** For people and proofs: `{ secret: 'cluster.k3s.config.etcd-s3-secret-key' }` says whose value stands there. */
export const shownSecrets = (config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  replaceSecrets(config, ({ secret }) => ({ secret: secret.at })) as Record<string, unknown>

/**
 * A YAML document as the content of a file: plain text, or composed where secrets are in it. Each secret becomes a quoted
 * JSON string, which is a YAML string too and needs no knowledge of what is around it.
 */
export const yamlContent = (value: unknown): FileContent => {
  const found: SecretValue[] = []
  // A mark that the rest of the document does not hold; plain in YAML, so that nothing is quoted around it.
  const rest = toYaml(replaceSecrets(value, () => ''))
  let mark = 'secret-of-the-profile'
  while (rest.includes(mark)) mark += '-'
  const text = toYaml(
    replaceSecrets(value, (secret) => {
      found.push(secret)
      return `${mark}.${found.length - 1}.`
    }),
  )
  if (found.length === 0) return { kind: 'text', text }
  const pieces = text.split(new RegExp(`${mark}\\.(\\d+)\\.`))
  const parts = pieces.flatMap((piece, index): readonly TextPart[] => {
    if (index % 2 === 0) return piece === '' ? [] : [piece]
    const secret = found[Number(piece)]?.secret
    return secret === undefined ? [] : [{ secret, as: 'json' }]
  })
  return { kind: 'composed', parts }
}

/** Text that may hold secrets, line after line: plain where it holds none. */
export const textContent = (parts: readonly TextPart[]): FileContent =>
  parts.every((part) => typeof part === 'string')
    ? { kind: 'text', text: parts.join('') }
    : { kind: 'composed', parts }
