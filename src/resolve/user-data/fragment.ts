import type { Diagnostic, Result } from '../../diagnostics/diagnostic.ts'
import { hasErrors } from '../../diagnostics/diagnostic.ts'
import type { SourceFile } from '../../diagnostics/source-file.ts'
import type { ShapeChecker } from '../../diagnostics/yaml/check-shape.ts'
import { checkShape } from '../../diagnostics/yaml/check-shape.ts'
import { parseYaml } from '../../diagnostics/yaml/parse-yaml.ts'
import type { Path, YamlTree } from '../../diagnostics/yaml/yaml-tree.ts'
import { checkCloudConfigContent } from './cloud-config-checks.ts'
import type { CloudConfig } from './cloud-config-schema.ts'
import { foreignKeyHelp } from './foreign-keys.ts'
import { checkCloudConfig } from './generated/check-cloud-config.ts'
import type { WritableRoot } from './owned-paths.ts'

/** A file of the user's for cloud-init that is sound by itself, and the text behind it. */
export interface CloudConfigFragment {
  readonly kind: 'cloud-config'
  /** As the profile names it. */
  readonly name: string
  readonly config: CloudConfig
  readonly tree: YamlTree
}

const header = '#cloud-config'

const emptyHelp = 'write what it is for below, or take it out of `userData`'

/** Forms that cloud-init reads too (docs.cloud-init.io, "User-data formats"), by their first line. */
const otherForms: readonly { readonly pattern: RegExp; readonly help: string }[] = [
  { pattern: /^#!/, help: 'a script goes under `runcmd`, or under `write_files` with `runcmd` to start it' },
  { pattern: /^#include/, help: 'a node has no network to fetch it from: put the content into the file' },
  { pattern: /^## template:/, help: 'templates are not filled in: write the values' },
  {
    pattern: /^(?:Content-Type|MIME-Version):/i,
    help: 'list the parts as files of their own under `userData`',
  },
  {
    pattern: /^#(?:cloud-boothook|part-handler|cloud-config-archive|cloud-config-jsonp)/,
    help: 'use the keys of a `#cloud-config`',
  },
  {
    pattern: /^(?:variant|version):|^\{/,
    help: 'this is for Ignition, and cloud-init sets up these nodes: write a cloud-config, or set `provision: ignition` in the profile',
  },
]

const checkHeader = (file: SourceFile): readonly Diagnostic[] => {
  const [first = ''] = file.text.split('\n', 1)
  if (first.trimEnd() === header) return []
  return [
    {
      code: 'L0050',
      severity: 'error',
      message: `the file does not begin with the line \`${header}\`: cloud-init would pass it over`,
      range: { file, start: 0, end: first.length },
      help:
        otherForms.find(({ pattern }) => pattern.test(first))?.help ??
        `put \`${header}\` into the first line`,
    },
  ]
}

const foreignKey = (
  parent: Path,
  key: string,
  tree: YamlTree,
  root: WritableRoot,
): Partial<Diagnostic> | undefined => {
  if (parent[0] === 'users' && key === 'plain_text_passwd') {
    return {
      code: 'L0054',
      message: '`plain_text_passwd`: everybody who gets hold of the image reads it',
      secret: tree.locate([...parent, key]),
      help: 'give a `hashed_passwd`, as `openssl passwd -6` makes it, or public keys',
    }
  }
  if (parent.length > 0) return undefined
  const help = foreignKeyHelp(key, root)
  if (help === undefined) return undefined
  return { code: 'L0051', message: `\`${key}\` is not read on these images`, help }
}

/** The word that cloud-init takes for the user of the distribution. */
const isDefaultUser = ({ value }: YamlTree, [key, index, ...deeper]: Path): boolean =>
  key === 'users' &&
  typeof index === 'number' &&
  deeper.length === 0 &&
  (value as { readonly users?: readonly unknown[] }).users?.[index] === 'default'

const noDefaultUser =
  'remove it: the user of the distribution is not made; people are under `access.users` in the profile'

const patternHelp: Readonly<Record<string, string>> = {
  '^/.*[^/]$': 'write the whole path, such as /etc/motd',
  '^/': 'write the whole path',
  '^[a-z_][a-z0-9_-]*$': 'write lower-case letters, digits, `-` and `_`',
  '^[a-z_][a-z0-9_-]*(:[a-z_][a-z0-9_-]*)?$': 'write `user` or `user:group`',
  '^0?[0-7]{3,4}$': "write octal digits as a text, such as '0644'",
  '^\\d{4}-\\d\\d-\\d\\d$': 'write a day as 2027-12-31',
}

/** Reads a fragment and checks what can be checked without the others. Undefined when something has an error. */
export const readFragment = (
  name: string,
  file: SourceFile,
  root: WritableRoot = 'data',
): Result<CloudConfigFragment> => {
  const headed = checkHeader(file)
  if (headed.length > 0) return [undefined, headed]
  const [tree, textFaults] = parseYaml(file)
  if (tree === undefined)
    return [
      undefined,
      textFaults.map((each) => (each.code === 'P0005' ? { ...each, help: emptyHelp } : each)),
    ]
  const shape = checkShape(tree, checkCloudConfig as ShapeChecker, {
    unknownKey: (parent, key, of) => foreignKey(parent, key, of, root),
    patternHelp: (pattern) => patternHelp[pattern],
    docs: 'docs/user-data.md lists the keys that are read',
  }).map(({ diagnostic, path }) =>
    isDefaultUser(tree, path) ? { ...diagnostic, help: noDefaultUser } : diagnostic,
  )
  const faults = [...textFaults, ...shape]
  if (hasErrors(faults)) return [undefined, faults]
  const config = tree.value as CloudConfig
  const found = [...faults, ...checkCloudConfigContent(tree, config, root)]
  return [hasErrors(found) ? undefined : { kind: 'cloud-config', name, config, tree }, found]
}
