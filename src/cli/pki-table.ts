import { Option } from 'commander'
import type { CommandEntry, Flags } from './command-table.ts'
import { format, profileOptions, takesProfile, textOf } from './command-table.ts'

const always = (): boolean => true

const listOf = (flags: Flags, name: string): readonly string[] => {
  const value = flags[name]
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** `appliance pki ...`: what can be done with the keys and certificates of a cluster. */
export const pkiTable: readonly CommandEntry[] = [
  {
    name: 'show',
    summary: 'list the certificates with the days they have left',
    load: () => import('./commands/pki/show.ts'),
    configure: (command) => takesProfile(command).addOption(format()),
    options: profileOptions,
    offline: always,
  },
  {
    name: 'renew',
    summary: 'make new certificates for the same keys: those that end within 180 days',
    load: () => import('./commands/pki/renew.ts'),
    configure: (command) =>
      takesProfile(command)
        .option('--all', 'renew every certificate but the root')
        .addOption(
          new Option('--name <name...>', 'renew these: server-ca, etcd/peer-ca, intermediate, client/<user>'),
        )
        .addOption(format()),
    options: (argument, flags) => ({
      ...profileOptions(argument, flags),
      all: flags['all'] === true,
      names: listOf(flags, 'name'),
    }),
    offline: always,
  },
  {
    name: 'rotate',
    summary: 'make new keys under the same root',
    load: () => import('./commands/pki/rotate.ts'),
    configure: (command) => takesProfile(command).option('--yes', 'yes, make new keys').addOption(format()),
    options: (argument, flags) => ({ ...profileOptions(argument, flags), yes: flags['yes'] === true }),
    offline: always,
  },
  {
    name: 'export',
    summary: 'copy out the tls tree for `k3s certificate rotate-ca`, or the whole state',
    load: () => import('./commands/pki/export.ts'),
    configure: (command) =>
      takesProfile(command)
        .option('--to <dir>', 'write the tree below server/tls there, not encrypted')
        .option('--state <file>', 'write the whole state there, protected as the profile says')
        .option(
          '--recipient <age1...>',
          'with --state: encrypt it to this recipient of age; may be repeated',
          collect,
        )
        .addOption(format()),
    options: (argument, flags) => ({
      ...profileOptions(argument, flags),
      to: textOf(flags, 'to'),
      state: textOf(flags, 'state'),
      recipients: listOf(flags, 'recipient'),
    }),
    offline: always,
  },
  {
    name: 'import',
    summary: 'take over a cluster that runs, or put back an exported state',
    load: () => import('./commands/pki/import.ts'),
    configure: (command) =>
      takesProfile(command)
        .option('--from <dir>', 'folder server/tls of the first server')
        .option('--token-file <file>', 'with --from: server/token of the same server')
        .option('--agent-token-file <file>', 'with --from: server/agent-token, where the cluster has one')
        .option('--state <file>', 'a state that `pki export --state` wrote')
        .option('--replace', 'take the place of a state that is there; it is kept under another name')
        .addOption(format()),
    options: (argument, flags) => ({
      ...profileOptions(argument, flags),
      from: textOf(flags, 'from'),
      tokenFile: textOf(flags, 'tokenFile'),
      agentTokenFile: textOf(flags, 'agentTokenFile'),
      state: textOf(flags, 'state'),
      replace: flags['replace'] === true,
    }),
    offline: always,
  },
]
