import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { YamlTree } from '../../diagnostics/yaml/yaml-tree.ts'
import { checkSshKey } from '../../profile/ssh-key.ts'
import type { WrittenFile } from './cloud-config-contents.ts'
import { contentBytes, mostBytes } from './cloud-config-contents.ts'
import type { CloudConfig } from './cloud-config-schema.ts'
import { harmInCloudConfig, partOf } from './fragment-harm.ts'
import { everyBase } from './kept.ts'
import type { WritableRoot } from './owned-paths.ts'
import { cloudInitOwnerOfPath } from './owned-paths.ts'
import { isPasswordHash, isPrivateKey } from './secret-forms.ts'

/** What can be said of one cloud-config without the others and the profile, once its shape is right. */

type User = NonNullable<CloudConfig['users']>[number]

const noSecrets =
  'user data is no place for secrets: a manifest of `images.manifests` takes them by reference'

const passwordFaults = (tree: YamlTree, user: User, index: number): readonly Diagnostic[] =>
  (['passwd', 'hashed_passwd'] as const).flatMap((key): readonly Diagnostic[] => {
    const path = ['users', index, key]
    const hash = user[key]
    if (hash === undefined) return []
    if (!isPasswordHash(hash))
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
    // cloud-init 25.1, "Users and Groups": lock_passwd is true where nothing else is said.
    if (user.lock_passwd === false || /^[!*]/.test(hash)) return []
    return [
      {
        code: 'L0088',
        severity: 'warning',
        message: `\`${key}\` lets ${user.name} in nowhere: cloud-init locks passwords`,
        range: tree.locate(path, 'key'),
        help: 'add `lock_passwd: false`, or leave the password out',
      },
    ]
  })

const keyFaults = (tree: YamlTree, user: User, index: number): readonly Diagnostic[] =>
  (user.ssh_authorized_keys ?? []).flatMap((line, place): readonly Diagnostic[] => {
    const range = tree.locate(['users', index, 'ssh_authorized_keys', place])
    if (isPrivateKey(line)) {
      const message = `a key of ${user.name} is a private key: everybody who gets hold of the image reads it`
      return [{ code: 'L0054', severity: 'error', message, range, secret: range, help: noSecrets }]
    }
    const fault = checkSshKey(line)
    return fault === undefined ? [] : [{ severity: 'error', range, ...fault }]
  })

const fileFaults = (
  tree: YamlTree,
  file: WrittenFile,
  index: number,
  root: WritableRoot,
): readonly Diagnostic[] => {
  const { path, encoding = '' } = file
  const range = tree.locate(['write_files', index, 'path'])
  const owner = cloudInitOwnerOfPath(path, root)
  const bytes = contentBytes(file)
  const isSecret = bytes !== undefined && isPrivateKey(Buffer.from(bytes).toString('latin1'))
  return [
    ...(owner === undefined
      ? []
      : [
          {
            code: 'L0053' as const,
            severity: 'error' as const,
            message: `\`${path}\` is ${owner.by}`,
            range,
            help: owner.instead,
          },
        ]),
    ...(bytes === undefined
      ? [
          {
            code: 'L0088' as const,
            severity: 'error' as const,
            message: `the content of \`${path}\` is no ${encoding}: cloud-init would not write what is meant`,
            range: tree.locate(['write_files', index, 'encoding'], 'key'),
            help: `correct \`encoding\`; a packed content has at most ${mostBytes} bytes`,
          },
        ]
      : []),
    ...(isSecret
      ? [
          {
            code: 'L0054' as const,
            severity: 'error' as const,
            message: `\`${path}\` is a private key: everybody who gets hold of the image reads it`,
            range,
            secret: tree.locate(['write_files', index, 'content']),
            help: noSecrets,
          },
        ]
      : []),
  ]
}

export const checkCloudConfigContent = (
  tree: YamlTree,
  config: CloudConfig,
  root: WritableRoot,
): readonly Diagnostic[] => [
  ...(config.users ?? []).flatMap((user, index) => [
    ...passwordFaults(tree, user, index),
    ...keyFaults(tree, user, index),
  ]),
  ...(config.write_files ?? []).flatMap((file, index) => fileFaults(tree, file, index, root)),
  ...harmInCloudConfig(config, everyBase).map(
    ({ at, message, help }): Diagnostic => ({
      code: 'L0053',
      severity: 'error',
      message,
      range: tree.locate(at, partOf(at)),
      help,
    }),
  ),
]
