import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { SourceFile } from '../../diagnostics/source-file.ts'
import type { YamlTree } from '../../diagnostics/yaml/yaml-tree.ts'

/** `butane`: YAML with `variant` and `version`; `ignition`: Ignition's own keys, as JSON or YAML. */
export type IgnitionForm = 'butane' | 'ignition'

const versionHelp =
  'begin with `variant: fcos` and `version: 1.4.0` (Butane), or give Ignition JSON with `ignition.version` 3.3.0'

/** cloud-init's forms, by their first line, which YAML would take for a comment. */
export const checkNoCloudInit = (file: SourceFile): readonly Diagnostic[] => {
  const [first = ''] = file.text.split('\n', 1)
  if (!/^(?:#cloud-|#!|#include|## template:|Content-Type:|MIME-Version:)/i.test(first)) return []
  return [
    {
      code: 'L0050',
      severity: 'error',
      message: `\`${first.trimEnd().slice(0, 40)}\` is for cloud-init, and Ignition sets up these nodes`,
      range: { file, start: 0, end: first.length },
      help: `write it for Ignition, or set \`provision: cloud-init\` in the profile; ${versionHelp}`,
    },
  ]
}

export const formOf = (tree: YamlTree): IgnitionForm | Diagnostic => {
  const { value } = tree
  const has = (key: string): boolean =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, key)
  if (has('variant')) return 'butane'
  if (has('ignition')) return 'ignition'
  return {
    code: 'L0050',
    severity: 'error',
    message: 'the file says neither `variant` nor `ignition.version`: this is not for Ignition',
    range: tree.locate([], 'key'),
    help: versionHelp,
  }
}
