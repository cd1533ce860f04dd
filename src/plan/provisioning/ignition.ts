import type { IgnitionSpec } from '../../resolve/base-image/ignition-spec.ts'
import type { BaseMount } from '../../resolve/base-image/locked-base-image.ts'
import { dataUrl } from '../../resolve/user-data/data-url.ts'
import type { IgnitionFragmentConfig } from '../../resolve/user-data/ignition-schema.ts'
import { isUnder } from '../../resolve/user-data/owned-paths.ts'
import { networkUnits } from '../network-files.ts'
import { networkManagerFiles } from './network-manager.ts'
import type {
  ProvisionedFile,
  ProvisionedLink,
  ProvisionedUnit,
  ProvisionedUser,
  Provisioning,
} from './provisioning.ts'

/** What is told about the base, beside the model. */
export interface IgnitionBase {
  readonly version: IgnitionSpec
  /** Path below the seed, or name, by which it looks for its config. */
  readonly document: string
  /** Who brings its network up: Ignition has no words of its own for it. */
  readonly network: 'networkd' | 'network-manager'
  /** Subvolumes that it mounts itself, where something is written there. */
  readonly mounts: readonly BaseMount[]
  /** Groups that people are not put into, as the base does not have them: Ignition would fail. */
  readonly lackingGroups: readonly string[]
}

/** A base of our own: Debian 13, with Ignition 2.14. */
export const ownIgnition: IgnitionBase = {
  version: '3.3.0',
  document: 'config.ign',
  network: 'networkd',
  mounts: [],
  lackingGroups: [],
}

/** A config as the specification has it, in parts that may be absent. */
export interface IgnitionConfig {
  readonly ignition: { readonly version: IgnitionSpec }
  readonly passwd?: Section
  readonly storage?: Section
  readonly systemd?: Section
  /** Since 3.3.0. */
  readonly kernelArguments?: {
    readonly shouldExist?: readonly string[]
    readonly shouldNotExist?: readonly string[]
  }
}

type Section = Readonly<Record<string, readonly object[]>>

const sudoersPath = '/etc/sudoers.d/90-appliance'

const file = ({ path, mode, text }: ProvisionedFile) => ({
  path,
  overwrite: true,
  mode,
  contents: { source: dataUrl(text) },
})

const user =
  ({ lackingGroups }: IgnitionBase) =>
  ({ name, sshKeys, groups, shell }: ProvisionedUser) => {
    const there = groups.filter((group) => !lackingGroups.includes(group))
    return {
      name,
      shell,
      ...(there.length === 0 ? {} : { groups: there }),
      ...(sshKeys.length === 0 ? {} : { sshAuthorizedKeys: sshKeys }),
    }
  }

const networkFiles = {
  networkd: networkUnits,
  'network-manager': networkManagerFiles,
} as const

/**
 * Ignition has no key for sudo, host name or network. The root of a base needs no word: what would grow it finds no room
 * behind it.
 */
const settings = (
  { users, hostname, network }: Provisioning,
  base: IgnitionBase,
): readonly ProvisionedFile[] => {
  const rules = users.flatMap(({ name, sudo }) => (sudo === null ? [] : [`${name} ${sudo}\n`]))
  return [
    ...(rules.length === 0 ? [] : [{ path: sudoersPath, mode: 0o440, text: rules.join('') }]),
    ...(hostname === null ? [] : [{ path: '/etc/hostname', mode: 0o644, text: `${hostname}\n` }]),
    ...(network === null ? [] : networkFiles[base.network](network)),
  ]
}

const kernelArguments = ({ kernelArguments: { present, absent } }: Provisioning) =>
  present.length + absent.length === 0
    ? {}
    : {
        kernelArguments: {
          ...(present.length === 0 ? {} : { shouldExist: present }),
          ...(absent.length === 0 ? {} : { shouldNotExist: absent }),
        },
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

const links = ({ timezone, links }: Provisioning): readonly ProvisionedLink[] => [
  { path: '/etc/localtime', target: `../usr/share/zoneinfo/${timezone}` },
  ...links,
]

/** Every file, folder and link that is written without the user's fragments. */
export const ignitionPaths = (provisioning: Provisioning, base: IgnitionBase): readonly string[] =>
  [
    ...settings(provisioning, base),
    ...provisioning.files,
    ...provisioning.directories,
    ...links(provisioning),
  ].map(({ path }) => path)

/**
 * Ours first in each list, then the user's own fragments in their order. Everything may be there already from a start that was
 * cut off: it is overwritten.
 */
export const planIgnition = (
  provisioning: Provisioning,
  base: IgnitionBase,
  fragments: readonly IgnitionFragmentConfig[] = [],
): IgnitionConfig => ({
  ignition: { version: base.version },
  ...kernelArguments(provisioning),
  ...optional(
    'passwd',
    section({
      groups: [
        ...provisioning.groups.map(({ name, system }) => ({ name, ...(system ? { system } : {}) })),
        ...fragments.flatMap(({ passwd }) => passwd.groups),
      ],
      users: [...provisioning.users.map(user(base)), ...fragments.flatMap(({ passwd }) => passwd.users)],
    }),
  ),
  ...optional(
    'storage',
    section({
      filesystems: filesystems(
        base,
        [
          ...ignitionPaths(provisioning, base),
          ...fragments.flatMap(({ storage: { directories, files, links } }) =>
            [...directories, ...files, ...links].map(({ path }) => path),
          ),
        ],
        [...provisioning.users, ...fragments.flatMap(({ passwd }) => passwd.users)],
      ),
      directories: [
        ...provisioning.directories.map(({ path, mode }) => ({ path, mode })),
        ...fragments.flatMap(({ storage }) => storage.directories),
      ],
      files: [
        ...[...settings(provisioning, base), ...provisioning.files].map(file),
        ...fragments.flatMap(({ storage }) => storage.files),
      ],
      links: [...links(provisioning), ...fragments.flatMap(({ storage }) => storage.links)].map((link) => ({
        ...link,
        overwrite: true,
      })),
    }),
  ),
  ...optional(
    'systemd',
    section({
      units: [...provisioning.units.map(unit), ...fragments.flatMap(({ systemd }) => systemd.units)],
    }),
  ),
})

/** Homes of people, and folders that anything is written below. */
const filesystems = (
  { mounts }: IgnitionBase,
  paths: readonly string[],
  users: readonly { readonly name: string; readonly homeDir?: string }[],
) => {
  const homes = users.map(({ name, homeDir }) => homeDir ?? `/home/${name}`)
  return mounts
    .filter((mount) => [...paths, ...homes].some((path) => isUnder(mount.path, path)))
    .map(({ path, device, options }) => ({
      device,
      path,
      format: 'btrfs',
      wipeFilesystem: false,
      mountOptions: options,
    }))
}

/** JSON that people can read, too. */
export const ignitionText = (config: IgnitionConfig): string => `${JSON.stringify(config, null, 2)}\n`
