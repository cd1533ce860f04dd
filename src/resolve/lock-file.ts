import type { Diagnostic, Result } from '../diagnostics/diagnostic.ts'
import type { SourceFile } from '../diagnostics/source-file.ts'
import { parseYaml } from '../diagnostics/yaml/parse-yaml.ts'
import type { Lock } from './lock.ts'

/** Keys that every lock has, down to where lists of pins begin. */
const required: readonly (readonly string[])[] = [
  ['created'],
  ['base', 'recipe'],
  ['base', 'archives'],
  ['base', 'requested'],
  ['base', 'packages'],
  ['base', 'tools'],
  ['k3s', 'version'],
  ['k3s', 'files'],
  ['k3s', 'imageList'],
  ['k3s', 'imageNames'],
  ['files'],
]

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value)

/** Reads `<profile>.lock.yaml`. Faults: L0002 (not what `lock` writes), L0003 (another version). */
export const parseLock = (file: SourceFile): Result<Lock> => {
  const help = `run \`appliance lock ${file.path.replace(/\.lock\.yaml$/, '.yaml')}\``
  const fault = (code: Diagnostic['code'], message: string): Result<Lock> => [
    undefined,
    [{ code, severity: 'error', message, range: { file, start: 0, end: 0 }, help }],
  ]
  const [tree, faults] = parseYaml(file)
  if (tree === undefined)
    return [undefined, faults.map((each) => ({ ...each, code: 'L0002' as const, help }))]
  const version = at(tree.value, ['lockVersion'])
  if (version !== undefined && version !== 1)
    return fault('L0003', `the lock is of version ${String(version)}, not 1`)
  const missing = [['lockVersion'], ...required].find((path) => at(tree.value, path) === undefined)
  if (missing !== undefined) return fault('L0002', `the lock lacks \`${missing.join('.')}\``)
  return [tree.value as Lock, []]
}
