import { dataUrl } from '../../resolve/user-data/data-url.ts'
import type { IgnitionFragmentConfig } from '../../resolve/user-data/ignition-schema.ts'
import type { ProvisionedFile, ProvisionedUnit, ProvisionedUser, Provisioning } from './provisioning.ts'

/** Versions of Ignition's specification (coreos.github.io/ignition/specs): 3.3.0 is what Debian's 2.14 reads. */
export type IgnitionVersion = '3.3.0' | '3.4.0' | '3.5.0'

/** A config as the specification has it, in parts that may be absent. */
export interface IgnitionConfig {
  readonly ignition: { readonly version: IgnitionVersion }
  readonly passwd?: Section
  readonly storage?: Section
  readonly systemd?: Section
}

type Section = Readonly<Record<string, readonly object[]>>

export const sudoersPath = '/etc/sudoers.d/90-appliance'

const file = ({ path, mode, text }: ProvisionedFile) => ({
  path,
  overwrite: true,
  mode,
  contents: { source: dataUrl(text) },
})

const user = ({ name, sshKeys, groups, shell }: ProvisionedUser) => ({
  name,
  shell,
  ...(groups.length === 0 ? {} : { groups }),
  ...(sshKeys.length === 0 ? {} : { sshAuthorizedKeys: sshKeys }),
})

/** Ignition has no key for sudo, host name or time zone. */
const settings = ({ users, hostname }: Provisioning): readonly ProvisionedFile[] => {
  const rules = users.flatMap(({ name, sudo }) => (sudo === null ? [] : [`${name} ${sudo}\n`]))
  return [
    ...(rules.length === 0 ? [] : [{ path: sudoersPath, mode: 0o440, text: rules.join('') }]),
    ...(hostname === null ? [] : [{ path: '/etc/hostname', mode: 0o644, text: `${hostname}\n` }]),
  ]
}

const enabled = { enabled: true, disabled: false } as const

const unit = ({ name, text, state }: ProvisionedUnit) => ({
  name,
  ...(text === null ? {} : { contents: text }),
  ...(state === 'enabled' || state === 'disabled' ? { enabled: enabled[state] } : {}),
  ...(state === 'masked' ? { mask: true } : {}),
})

const section = (lists: Section): Section | undefined => {
  const filled = Object.entries(lists).filter(([, items]) => items.length > 0)
  return filled.length === 0 ? undefined : Object.fromEntries(filled)
}

const optional = <K extends string>(key: K, value: Section | undefined) =>
  value === undefined ? {} : ({ [key]: value } as { readonly [key in K]: Section })

/**
 * Ours first in each list, then the user's own fragments in their order. Everything may be there already from a start that was
 * cut off: it is overwritten.
 */
export const planIgnition = (
  provisioning: Provisioning,
  version: IgnitionVersion,
  fragments: readonly IgnitionFragmentConfig[] = [],
): IgnitionConfig => ({
  ignition: { version },
  ...optional(
    'passwd',
    section({
      groups: [
        ...provisioning.groups.map(({ name, system }) => ({ name, ...(system ? { system } : {}) })),
        ...fragments.flatMap(({ passwd }) => passwd.groups),
      ],
      users: [...provisioning.users.map(user), ...fragments.flatMap(({ passwd }) => passwd.users)],
    }),
  ),
  ...optional(
    'storage',
    section({
      directories: [
        ...provisioning.directories.map(({ path, mode }) => ({ path, mode })),
        ...fragments.flatMap(({ storage }) => storage.directories),
      ],
      files: [
        ...[...settings(provisioning), ...provisioning.files].map(file),
        ...fragments.flatMap(({ storage }) => storage.files),
      ],
      links: [
        { path: '/etc/localtime', target: `../usr/share/zoneinfo/${provisioning.timezone}` },
        ...provisioning.links,
        ...fragments.flatMap(({ storage }) => storage.links),
      ].map((link) => ({ ...link, overwrite: true })),
    }),
  ),
  ...optional(
    'systemd',
    section({
      units: [...provisioning.units.map(unit), ...fragments.flatMap(({ systemd }) => systemd.units)],
    }),
  ),
})

/** JSON that people can read, too. */
export const ignitionText = (config: IgnitionConfig): string => `${JSON.stringify(config, null, 2)}\n`
