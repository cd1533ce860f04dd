import type { Path } from '../diagnostics/yaml/yaml-tree.ts'
import { pathText } from '../diagnostics/yaml/yaml-tree.ts'
import { isReference } from '../profile/secret-values.ts'
import type { ProfileSecret, SecretValue, WrittenReference } from './secret-source.ts'
import { profileSecret } from './secret-source.ts'

const secretValue = (path: Path, written: WrittenReference): SecretValue => ({
  secret: profileSecret(pathText(path), written),
})

/** Settings of k3s with a SecretValue for each reference, and for each secret that validation let stand in the text. */
export const resolveConfig = (
  /** Where the settings are written: `['cluster', 'k3s', 'config']`. */
  at: Path,
  config: Readonly<Record<string, unknown>> | undefined,
  literals: ReadonlyMap<string, string>,
): Readonly<Record<string, unknown>> => {
  const resolve = (value: unknown, path: Path): unknown => {
    if (isReference(value)) return secretValue(path, value)
    if (Array.isArray(value)) return value.map((item, index) => resolve(item, [...path, index]))
    return typeof value === 'string' && literals.has(pathText(path)) ? secretValue(path, value) : value
  }
  return Object.fromEntries(
    Object.entries(config ?? {}).map(([name, value]) => [name, resolve(value, [...at, name])]),
  )
}

/** An address with a user and a password is a secret, wherever it stands. */
export const resolveProxy = (
  key: 'http' | 'https',
  written: WrittenReference | undefined,
): string | ProfileSecret | null => {
  if (written === undefined) return null
  if (typeof written === 'string' && !written.includes('@')) return written
  return profileSecret(`site.proxy.${key}`, written)
}
