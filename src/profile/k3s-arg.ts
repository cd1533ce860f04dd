import type { Path } from '../diagnostics/yaml/yaml-tree.ts'
import type { K3sSetting } from './k3s-settings.ts'

/** An entry of a `*-arg` list. */
export interface K3sArg {
  readonly path: Path
  readonly text: string
  /** Without dashes before and `+` or `-` behind, by which k3s adds to its own value. */
  readonly name: string
  readonly adds: boolean
  /** Undefined: a switch, `true`. */
  readonly value: string | undefined
}

/** Undefined for what is not `name=value`. */
export const parseK3sArg = (text: string, path: Path): K3sArg | undefined => {
  const match = /^-*([A-Za-z][\w.-]*?)([+-]?)(?:=([\s\S]*))?$/.exec(text)
  if (match === null) return undefined
  const [, name = '', suffix = '', value] = match
  return { path, text, name, adds: suffix !== '', value }
}

/** Entries that are texts; references are secrets, of which nothing is known. */
export const k3sArgTexts = ({
  value,
  path,
}: Pick<K3sSetting, 'value' | 'path'>): readonly { readonly text: string; readonly path: Path }[] =>
  (Array.isArray(value) ? value : [value]).flatMap((text: unknown, index) =>
    typeof text === 'string' ? [{ text, path: Array.isArray(value) ? [...path, index] : path }] : [],
  )

export const k3sArgs = (setting: Pick<K3sSetting, 'value' | 'path'>): readonly K3sArg[] =>
  k3sArgTexts(setting).flatMap(({ text, path }) => parseK3sArg(text, path) ?? [])
