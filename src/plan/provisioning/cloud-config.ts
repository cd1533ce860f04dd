import type { CloudConfig } from '../../resolve/user-data/cloud-config-schema.ts'
import { unitFolder } from '../../resolve/user-data/owned-paths.ts'
import { toYaml } from '../to-yaml.ts'
import { untilDone, whenDone } from './first-start.ts'
import type { ProvisionedUnit, ProvisionedUser, Provisioning } from './provisioning.ts'

/** A document of cloud-init (docs.cloud-init.io, "Module reference", 25.1), by its keys. */
type Keys = Readonly<Record<string, unknown>>

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

const user = ({ name, sshKeys, groups, shell, sudo }: ProvisionedUser): Keys => ({
  name,
  shell,
  lock_passwd: true,
  ...(groups.length === 0 ? {} : { groups }),
  ...(sudo === null ? {} : { sudo }),
  ...(sshKeys.length === 0 ? {} : { ssh_authorized_keys: sshKeys }),
})

const writtenFiles = ({ files, units }: Provisioning): readonly Keys[] => [
  ...files.map(({ path, mode, text }) => ({ path, permissions: octal(mode), content: text })),
  ...units.flatMap(({ name, text }) =>
    text === null ? [] : [{ path: `${unitFolder}/${name}`, permissions: '0644', content: text }],
  ),
]

const namesIn = (units: readonly ProvisionedUnit[], state: ProvisionedUnit['state']): readonly string[] =>
  units.filter((unit) => unit.state === state).map(({ name }) => name)

/** What is masked must not run at the first start either, which is under way: its job is taken back. */
const maskedEarly = (units: readonly ProvisionedUnit[]): readonly (readonly string[])[] => {
  const names = namesIn(units, 'masked')
  return names.length === 0 ? [] : [['systemctl', 'mask', '--now', '--no-block', ...names]]
}

/** cloud-config knows neither directories nor links: made at every start, before anything is written. */
const madeEarly = ({ units, directories, links }: Provisioning): readonly (string | readonly string[])[] => [
  untilDone(namesIn(units, 'enabled')),
  ...maskedEarly(units),
  ...directories.map(({ path, mode }) => ['install', '-d', '-m', octal(mode), path]),
  ...links.map(({ path, target }) => ['ln', '-sfn', target, path]),
]

const verbs = { enabled: 'enable', disabled: 'disable' } as const

/**
 * What systemd is told once the files are there, and on the disk: what is enabled must not find empty ones after a power cut.
 * What is to start now is a command's.
 */
const unitCommands = (units: readonly ProvisionedUnit[]): readonly (readonly string[])[] => {
  const changes = (['disabled', 'enabled'] as const).flatMap((state) => {
    const names = namesIn(units, state)
    return names.length === 0 ? [] : [['systemctl', verbs[state], ...names]]
  })
  return units.length === 0 ? [] : [['sync'], ['systemctl', 'daemon-reload'], ...changes]
}

const list = (key: string, ours: readonly unknown[], theirs: readonly unknown[] = []): Keys =>
  ours.length + theirs.length === 0 ? {} : { [key]: [...ours, ...theirs] }

/**
 * What a base of another maker does by itself. Where the root is kept, what follows it is ours; sudo and others look the own
 * name up, and /etc/hosts is cloud-init's as well as the name.
 */
const settings = ({ hostname, rootSize }: Provisioning): Keys => ({
  ...(hostname === null ? {} : { hostname, manage_etc_hosts: 'localhost' }),
  ...(rootSize === 'kept' ? { growpart: { mode: 'off' }, resize_rootfs: false } : {}),
})

/**
 * Files that cloud-init 25.1 writes by itself of what the profile says, and `write_files` would write over or lose to: the time
 * zone, and on an image of the user's the name and the network (netplan, or ifupdown).
 */
export const cloudInitPaths = (isImage: boolean): readonly string[] => [
  '/etc/localtime',
  '/etc/timezone',
  ...(isImage
    ? ['/etc/hostname', '/etc/netplan/50-cloud-init.yaml', '/etc/network/interfaces.d/50-cloud-init']
    : []),
]

/** The user-data: ours first in each list, then the user's own fragments; their commands are within the last one. */
export const cloudConfigText = (provisioning: Provisioning, fragments: CloudConfig): string => {
  const { timezone, groups, users, units, commands } = provisioning
  return `#cloud-config\n${toYaml({
    ...settings(provisioning),
    timezone,
    ...list('bootcmd', madeEarly(provisioning), fragments.bootcmd),
    ...list(
      'groups',
      groups.map(({ name }) => name),
      fragments.groups,
    ),
    ...list('write_files', writtenFiles(provisioning), fragments.write_files),
    runcmd: [...unitCommands(units), ...commands, whenDone(fragments.runcmd)],
    ...(fragments.final_message === undefined ? {} : { final_message: fragments.final_message }),
    users: [...users.map(user), ...(fragments.users ?? [])],
  })}`
}
