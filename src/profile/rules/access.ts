import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Path, YamlTree } from '../../diagnostics/yaml/yaml-tree.ts'
import { checkSshKey } from '../ssh-key.ts'
import type { Rule } from './context.ts'
import { duplicates, faultAt } from './context.ts'

export const somebodyCanLogIn: Rule = (context) => {
  if (!context.isSound(['access'])) return []
  const { users } = context.profile.access
  if (users.some((user) => user.sshKeys.length > 0)) return []
  const path: Path = users.length === 0 ? ['access', 'users'] : ['access', 'users', 0, 'sshKeys']
  return [
    faultAt(context, 'R0401', path, 'no user has a key: nobody could ever log in', {
      part: 'key',
      help: 'add the content of a public key, such as ~/.ssh/id_ed25519.pub, to `sshKeys` of a user',
    }),
  ]
}

export const usableKeys: Rule = (context) =>
  context.profile.access.users.flatMap((user, index) =>
    user.sshKeys.flatMap((key, keyIndex): readonly Diagnostic[] => {
      const fault = checkSshKey(key)
      if (fault === undefined) return []
      const path = ['access', 'users', index, 'sshKeys', keyIndex]
      return [
        faultAt(context, fault.code, path, fault.message, {
          help: fault.help,
          ...(fault.code === 'R0403' ? { secret: path } : {}),
        }),
      ]
    }),
  )

export const uniqueUsers: Rule = (context) =>
  duplicates(
    context.profile.access.users.map(({ name }, index) => ({ name, index })),
    ({ name }) => name,
  ).map(({ item, first }) =>
    faultAt(
      context,
      'R0405',
      ['access', 'users', item.index, 'name'],
      `two users are named \`${item.name}\``,
      {
        help: 'give the first one all keys',
        related: [{ path: ['access', 'users', first.index, 'name'], note: 'first named here' }],
      },
    ),
  )

/** Accounts of a Debian base and of what is installed on it; a second owner would take over their files. */
const systemUsers: ReadonlySet<string> = new Set(
  `root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc nobody sshd messagebus polkitd syslog
  systemd-network systemd-resolve systemd-timesync systemd-coredump dhcpcd tcpdump adm sudo shadow staff users tty disk kmem
  input render kvm`.split(/\s+/),
)

export const usableUserNames: Rule = (context) =>
  context.profile.access.users.flatMap(({ name }, index) => {
    const isForm = /^[a-z][a-z0-9-]{0,31}$/.test(name)
    if (isForm && !systemUsers.has(name)) return []
    return [
      faultAt(
        context,
        'R0406',
        ['access', 'users', index, 'name'],
        isForm ? `\`${name}\` belongs to the system` : `\`${name}\` cannot be a login name`,
        {
          help: isForm
            ? 'choose another name; `sudo: true` says who may become root'
            : 'begin with a letter, at most 32 letters, digits and `-`',
        },
      ),
    ]
  })

/** Keys that people expect to set a password: they get the reason instead of a guess at a spelling. */
const passwordKeys = /^(plain-?text-?|hashed-?|lock-?)?pass(word|wd|phrase)?(-?hash|-?auth(entication)?)?$/i

export const passwordKey = (parent: Path, key: string, tree: YamlTree): Partial<Diagnostic> | undefined =>
  parent[0] === 'access' && passwordKeys.test(key.replaceAll('_', '-'))
    ? {
        code: 'R0402',
        message: `\`${key}\`: a password in a profile is known to everybody who sees the profile or the image`,
        secret: tree.locate([...parent, key]),
        help: 'there are no passwords; list public keys under `sshKeys`',
      }
    : undefined
