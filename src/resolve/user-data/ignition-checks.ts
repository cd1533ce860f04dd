import { posix } from 'node:path'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { SourceRange } from '../../diagnostics/source-file.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import { checkSshKey } from '../../profile/ssh-key.ts'
import { harmInIgnition, partOf } from './fragment-harm.ts'
import { readContents } from './ignition-contents.ts'
import type { IgnitionUnit, IgnitionUser, WrittenConfig } from './ignition-schema.ts'
import { everyBase } from './kept.ts'
import type { WritableRoot } from './owned-paths.ts'
import { ignitionOwnerOfPath, ownerOfPath, unitFolder } from './owned-paths.ts'
import { isPasswordHash, isPrivateKey } from './secret-forms.ts'
import { faultOfUnit, hasInstallSection } from './unit-text.ts'

type Locate = (path: Path, part?: 'key' | 'value') => SourceRange
type Fault = Pick<Diagnostic, 'code' | 'message' | 'help' | 'secret'>

const lists = ['directories', 'files', 'links'] as const

const checkPaths = ({ storage }: WrittenConfig, locate: Locate, root: WritableRoot): readonly Diagnostic[] =>
  lists.flatMap((list) =>
    (storage?.[list] ?? []).flatMap(({ path }, index): readonly Diagnostic[] => {
      const replacesUnits = list !== 'directories' && posix.normalize(path) === unitFolder
      const owner =
        ignitionOwnerOfPath(path, root) ??
        (replacesUnits ? { by: 'the folder of all units', instead: 'write to another place' } : undefined)
      if (owner === undefined) return []
      const range = locate(['storage', list, index, 'path'])
      return [
        {
          code: 'L0053',
          severity: 'error',
          message: `\`${path}\` is ${owner.by}`,
          range,
          help: owner.instead,
        },
      ]
    }),
  )

const privateKey = (what: string, secret: SourceRange): Fault => ({
  code: 'L0054',
  message: `${what} is a private key: everybody who gets hold of the image reads it`,
  secret,
  help: 'user data is no place for secrets: a manifest of `images.manifests` takes them by reference',
})

const checkFiles = ({ storage }: WrittenConfig, locate: Locate): readonly Diagnostic[] =>
  (storage?.files ?? []).flatMap(({ path, contents }, index): readonly Diagnostic[] => {
    if (contents === undefined) return []
    const at: Path = ['storage', 'files', index, 'contents']
    const read = readContents(contents)
    if (!(read instanceof Uint8Array)) {
      const { key, message, help } = read
      return [{ code: 'L0055', severity: 'error', message, range: locate([...at, key], 'key'), help }]
    }
    if (!isPrivateKey(Buffer.from(read).toString('latin1'))) return []
    const secret = locate([...at, contents.inline === undefined ? 'source' : 'inline'])
    return [
      {
        severity: 'error',
        range: locate(['storage', 'files', index, 'path']),
        ...privateKey(`\`${path}\``, secret),
      },
    ]
  })

const checkOwnerForm = ({ storage }: WrittenConfig, locate: Locate): readonly Diagnostic[] =>
  lists.flatMap((list) =>
    (storage?.[list] ?? []).flatMap((node, index) =>
      (['user', 'group'] as const).flatMap((key): readonly Diagnostic[] => {
        if (node[key]?.id === undefined || node[key].name === undefined) return []
        const range = locate(['storage', list, index, key, 'id'], 'key')
        const message = '`id` and `name` exclude each other'
        return [{ code: 'L0055', severity: 'error', message, range, help: 'keep one of the two' }]
      }),
    ),
  )

/** What takes away what others have, or cannot be done twice. */
const checkFlags = ({ storage }: WrittenConfig, locate: Locate): readonly Diagnostic[] => [
  ...(storage?.links ?? []).flatMap(({ hard }, index): readonly Diagnostic[] =>
    hard === true
      ? [
          {
            code: 'L0055',
            severity: 'error',
            message: 'a hard link cannot be followed on a node',
            range: locate(['storage', 'links', index, 'hard'], 'key'),
            help: 'remove `hard`: a symbolic link is made',
          },
        ]
      : [],
  ),
  ...(storage?.directories ?? []).flatMap(({ overwrite }, index): readonly Diagnostic[] =>
    overwrite === true
      ? [
          {
            code: 'L0055',
            severity: 'error',
            message: '`overwrite` of a directory takes away all that is in it, at every new seed',
            range: locate(['storage', 'directories', index, 'overwrite'], 'key'),
            help: 'remove it: a directory that is there already gets mode and owner',
          },
        ]
      : [],
  ),
]

const homes = ['/home/', '/root/', '/var/']

const userFaults = (user: IgnitionUser, at: Path, locate: Locate): readonly Diagnostic[] => {
  const fault = (key: string, rest: Fault): Diagnostic => ({
    severity: 'error',
    range: locate([...at, key], 'key'),
    ...rest,
  })
  const { name, passwordHash, homeDir, noCreateHome = false, sshAuthorizedKeys = [] } = user
  return [
    ...(passwordHash === undefined || isPasswordHash(passwordHash)
      ? []
      : [
          fault('passwordHash', {
            code: 'L0054',
            message: `the password hash of ${name} is not a hash: everybody who gets hold of the image reads it`,
            secret: locate([...at, 'passwordHash']),
            help: 'make one with `openssl passwd -6`',
          }),
        ]),
    ...(homeDir === undefined || noCreateHome || homes.some((folder) => homeDir.startsWith(folder))
      ? []
      : [
          fault('homeDir', {
            code: 'L0053',
            message: `\`${homeDir}\` is not on the data partition`,
            help: 'put homes below /home or /var, or say that none is made (`no_create_home: true`)',
          }),
        ]),
    ...sshAuthorizedKeys.flatMap((line, index): readonly Diagnostic[] => {
      const key = checkSshKey(line)
      if (key === undefined) return []
      const range = locate([...at, 'sshAuthorizedKeys', index])
      return isPrivateKey(line)
        ? [{ severity: 'error', range, ...privateKey(`a key of ${name}`, range) }]
        : [{ severity: 'error', range, ...key }]
    }),
  ]
}

const unitFaults = (unit: IgnitionUnit, at: Path, locate: Locate): readonly Diagnostic[] => {
  const { name, contents, enabled = false, mask = false, dropins = [] } = unit
  const owner = ownerOfPath(`${unitFolder}/${name}`)
  if (owner !== undefined) {
    const message = `\`${name}\` is ${owner.by}`
    return [
      { code: 'L0053', severity: 'error', message, range: locate([...at, 'name']), help: owner.instead },
    ]
  }
  const texts = [
    { at: [...at, 'contents'], text: contents },
    ...dropins.map((dropin, index) => ({ at: [...at, 'dropins', index, 'contents'], text: dropin.contents })),
  ]
  const neverStarts = enabled && contents !== undefined && !hasInstallSection(contents)
  return [
    ...texts.flatMap((each): readonly Diagnostic[] => {
      const range = locate(each.at, 'key')
      if (isPrivateKey(each.text ?? ''))
        return [{ severity: 'error', range, ...privateKey(`a text of ${name}`, locate(each.at)) }]
      const said = faultOfUnit(each.text ?? '')
      const help = 'see systemd.unit(5)'
      return said === undefined
        ? []
        : [{ code: 'L0057', severity: 'error', message: `${name}: ${said}`, range, help }]
    }),
    ...(neverStarts
      ? [
          {
            code: 'L0057' as const,
            severity: 'error' as const,
            message: `${name} is enabled, but has no \`[Install]\` section: it would never start`,
            range: locate([...at, 'enabled'], 'key'),
            help: 'add `[Install]` with `WantedBy=multi-user.target`',
          },
        ]
      : []),
    ...(mask && (contents !== undefined || enabled)
      ? [
          {
            code: 'L0057' as const,
            severity: 'error' as const,
            message: `${name} is masked, and ${enabled ? 'enabled' : 'written'} too`,
            range: locate([...at, 'mask'], 'key'),
            help: 'keep one of the two',
          },
        ]
      : []),
  ]
}

/** Everything that can be said of one file without the others and the profile, once its shape is right. */
export const checkWritten = (
  config: WrittenConfig,
  locate: Locate,
  root: WritableRoot,
): readonly Diagnostic[] => [
  ...(config.passwd?.users ?? []).flatMap((user, index) =>
    userFaults(user, ['passwd', 'users', index], locate),
  ),
  ...checkPaths(config, locate, root),
  ...checkOwnerForm(config, locate),
  ...checkFlags(config, locate),
  ...checkFiles(config, locate),
  ...(config.systemd?.units ?? []).flatMap((unit, index) =>
    unitFaults(unit, ['systemd', 'units', index], locate),
  ),
  ...harmInIgnition(config, everyBase).map(
    ({ at, message, help }): Diagnostic => ({
      code: 'L0053',
      severity: 'error',
      message,
      range: locate(at, partOf(at)),
      help,
    }),
  ),
]
