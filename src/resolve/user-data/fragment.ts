import type { Diagnostic, Result } from '../../diagnostics/diagnostic.ts'
import { hasErrors } from '../../diagnostics/diagnostic.ts'
import type { SourceFile } from '../../diagnostics/source-file.ts'
import type { ShapeChecker } from '../../diagnostics/yaml/check-shape.ts'
import { checkShape } from '../../diagnostics/yaml/check-shape.ts'
import { parseYaml } from '../../diagnostics/yaml/parse-yaml.ts'
import type { Path, YamlTree } from '../../diagnostics/yaml/yaml-tree.ts'
import type { CloudConfig } from './cloud-config-schema.ts'
import { foreignKeyHelp } from './foreign-keys.ts'
import { checkCloudConfig } from './generated/check-cloud-config.ts'
import { brokenByCommand, ownerOfPath } from './owned-paths.ts'
import { isPasswordHash, isPrivateKey } from './secret-forms.ts'

/** A file of the user's for cloud-init that is sound by itself, and the text behind it. */
export interface CloudConfigFragment {
  readonly kind: 'cloud-config'
  /** As the profile names it. */
  readonly name: string
  readonly config: CloudConfig
  readonly tree: YamlTree
}

const header = '#cloud-config'

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

const foreignKey = (parent: Path, key: string, tree: YamlTree): Partial<Diagnostic> | undefined => {
  if (parent[0] === 'users' && key === 'plain_text_passwd') {
    return {
      code: 'L0054',
      message: '`plain_text_passwd`: everybody who gets hold of the image reads it',
      secret: tree.locate([...parent, key]),
      help: 'give a `hashed_passwd`, as `openssl passwd -6` makes it, or public keys',
    }
  }
  if (parent.length > 0) return undefined
  const help = foreignKeyHelp(key)
  if (help === undefined) return undefined
  return { code: 'L0051', message: `\`${key}\` is not read on these images`, help }
}

const patternHelp: Readonly<Record<string, string>> = {
  '^/.*[^/]$': 'write the whole path, such as /etc/motd',
  '^/': 'write the whole path',
  '^[a-z_][a-z0-9_-]*$': 'write lower-case letters, digits, `-` and `_`',
  '^[a-z_][a-z0-9_-]*(:[a-z_][a-z0-9_-]*)?$': 'write `user` or `user:group`',
  '^0?[0-7]{3,4}$': "write octal digits as a text, such as '0644'",
  '^\\d{4}-\\d\\d-\\d\\d$': 'write a day as 2027-12-31',
}

const checkUsers = (tree: YamlTree, { users = [] }: CloudConfig): readonly Diagnostic[] =>
  users.flatMap((user, index) =>
    (['passwd', 'hashed_passwd'] as const).flatMap((key): readonly Diagnostic[] => {
      const path = ['users', index, key]
      if (user[key] === undefined || isPasswordHash(user[key])) return []
      return [
        {
          code: 'L0054',
          severity: 'error',
          message: `\`${key}\` of ${user.name} is not a hash: everybody who gets hold of the image reads it`,
          range: tree.locate(path, 'key'),
          secret: tree.locate(path),
          help: 'make one with `openssl passwd -6`',
        },
      ]
    }),
  )

const checkFiles = (tree: YamlTree, { write_files = [] }: CloudConfig): readonly Diagnostic[] =>
  write_files.flatMap(({ path, content = '' }, index): readonly Diagnostic[] => {
    const owner = ownerOfPath(path)
    const place = ['write_files', index]
    return [
      ...(owner === undefined
        ? []
        : [
            {
              code: 'L0053' as const,
              severity: 'error' as const,
              message: `\`${path}\` is ${owner}`,
              range: tree.locate([...place, 'path']),
              help: 'write to another place',
            },
          ]),
      ...(isPrivateKey(content)
        ? [
            {
              code: 'L0054' as const,
              severity: 'error' as const,
              message: `\`${path}\` is a private key: everybody who gets hold of the image reads it`,
              range: tree.locate([...place, 'path']),
              secret: tree.locate([...place, 'content']),
              help: 'user data is no place for secrets: a manifest of `images.manifests` takes them by reference',
            },
          ]
        : []),
    ]
  })

const checkCommands = (tree: YamlTree, config: CloudConfig): readonly Diagnostic[] =>
  (['bootcmd', 'runcmd'] as const).flatMap((key) =>
    (config[key] ?? []).flatMap((command, index): readonly Diagnostic[] => {
      const broken = brokenByCommand(typeof command === 'string' ? command : command.join(' '))
      if (broken === undefined) return []
      return [
        {
          code: 'L0053',
          severity: 'error',
          message: `this command ${broken}`,
          range: tree.locate([key, index]),
          help: 'leave k3s to the profile (`cluster.k3s`); remove the command',
        },
      ]
    }),
  )

/** Reads a fragment and checks what can be checked without the others. Undefined when something has an error. */
export const readFragment = (name: string, file: SourceFile): Result<CloudConfigFragment> => {
  const headed = checkHeader(file)
  if (headed.length > 0) return [undefined, headed]
  const [tree, textFaults] = parseYaml(file)
  if (tree === undefined) return [undefined, textFaults]
  const shape = checkShape(tree, checkCloudConfig as ShapeChecker, {
    unknownKey: foreignKey,
    patternHelp: (pattern) => patternHelp[pattern],
    docs: 'docs/user-data.md lists the keys that are read',
  }).map(({ diagnostic }) => diagnostic)
  const faults = [...textFaults, ...shape]
  if (hasErrors(faults)) return [undefined, faults]
  const config = tree.value as CloudConfig
  const found = [
    ...faults,
    ...checkUsers(tree, config),
    ...checkFiles(tree, config),
    ...checkCommands(tree, config),
  ]
  return [hasErrors(found) ? undefined : { kind: 'cloud-config', name, config, tree }, found]
}
