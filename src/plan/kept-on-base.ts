import type { LockedBaseImage } from '../resolve/base-image/locked-base-image.ts'
import { ignitionOf } from '../resolve/base-image/locked-base-image.ts'
import { neededModules } from '../resolve/base-image/needed-modules.ts'
import type { ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { Kept, KeptPlace } from '../resolve/user-data/kept.ts'
import { everyBase } from '../resolve/user-data/kept.ts'
import { layoutOf, ownPlaces, placeOn, reachedAs } from './base-image/base-image-layout.ts'
import { enabledUnits } from './node-units.ts'

/** Of every base: what everything else is ordered by, or spoken to through. */
const commonUnits: readonly string[] = [
  ...['dbus.service', 'dbus.socket', 'dbus-broker.service', 'systemd-udevd.service'],
  ...[
    'local-fs.target',
    'multi-user.target',
    'network.target',
    'network-online.target',
    'network-pre.target',
  ],
]

/** Who brings the network of a base with cloud-init up, and keeps its time, as `lock` has found it. */
const softwareUnits = (
  { radio, networkManager, chrony }: LockedBaseImage,
  hasRadio: boolean,
): readonly string[] => [
  ...(networkManager === true || radio === 'network-manager' ? ['NetworkManager.service'] : []),
  ...(radio === 'network-manager'
    ? []
    : [
        ...['systemd-networkd.service', 'systemd-networkd.socket', 'networking.service'],
        'systemd-resolved.service',
      ]),
  ...(hasRadio ? ['wpa_supplicant.service'] : []),
  ...(chrony === undefined ? ['systemd-timesyncd.service'] : ['chrony.service', 'chronyd.service']),
]

/** Of those that a base of our own starts: for comfort, or waited for by what tries again by itself. */
const dispensable: ReadonlySet<string> = new Set([
  'fstrim.timer',
  'getty@.service',
  'systemd-networkd-wait-online.service',
])

const unitsOf = ({ base: { image }, nodes }: ResolvedProfile): readonly string[] => {
  if (image === null) return [...commonUnits, ...enabledUnits.filter((name) => !dispensable.has(name))]
  const hasRadio = nodes.some(({ interfaces }) => interfaces.some(({ match }) => match.kind === 'radio'))
  return [
    ...commonUnits,
    ...layoutOf(image.configuration).units,
    ...(ignitionOf(image.configuration) === null ? softwareUnits(image, hasRadio) : []),
  ]
}

/** Without it there is no root, and no `/boot`, at the second start; lines may be added. */
const fileSystems: KeptPlace = {
  folder: '/etc/fstab',
  by: 'the list of file systems of the base',
  instead: 'add lines (`append: true`, `>>`), or write a unit of systemd that mounts yours',
  bears: ['touched', 'added'],
}

/** Every file there is read, and the last one that names an interface counts (netplan(5)). */
const netplan: KeptPlace = {
  folder: '/etc/netplan',
  by: 'the network of this node',
  instead: 'use `nodes[].network` in the profile',
  bears: ['touched'],
}

const startsBy = (folder: string): KeptPlace => ({
  folder,
  by: 'what this node starts by',
  instead: 'write to another place',
})

/** Where a FAT partition of the base with our documents is mounted: Raspberry Pi OS and Ubuntu, and older ones. */
const bootFolders = ['/boot/firmware', '/boot']

const placesOf = ({ configuration }: LockedBaseImage): readonly KeptPlace[] => {
  const layout = layoutOf(configuration)
  const ignition = ignitionOf(configuration)
  const own = ['/usr/lib/appliance', '/usr/bin/appliance', '/usr/local/bin/k3s', '/payload', '/data']
  const documents =
    configuration.way === 'boot-files'
      ? bootFolders.flatMap((folder) =>
          [
            'meta-data',
            'user-data',
            'network-config',
            ...configuration.commandLines.map(({ path }) => path),
          ].map((name) => `${folder}/${name}`),
        )
      : []
  return [
    ...[...own.map((path) => placeOn(layout, path)), ...documents].map(startsBy),
    ...(ignition === null ? [netplan] : []),
    ...(ignition === null || ignition.system === 'microos' ? [fileSystems] : []),
  ]
}

/** What nftables.service of Debian and Ubuntu loads; it begins with `flush ruleset` as it comes with the package. */
const debianRules = '/etc/nftables.conf'

const writes = ({ userData }: ResolvedProfile, path: string): boolean =>
  userData.some((fragment) =>
    (fragment.kind === 'ignition'
      ? fragment.config.storage.files
      : (fragment.config.write_files ?? []).filter(({ append = false }) => !append)
    ).some((file) => file.path === path),
  )

/** What is kept on the nodes of a profile. */
export const keptOn = (profile: ResolvedProfile): Kept => {
  const { image } = profile.base
  const layout = image === null ? ownPlaces : layoutOf(image.configuration)
  const isDebians = image === null || ignitionOf(image.configuration) === null
  // What a file of the user's says instead is looked at as well.
  const flushes = isDebians && !writes(profile, debianRules)
  return {
    places: image === null ? [] : placesOf(image),
    units: unitsOf(profile),
    ruleLoaders: [...everyBase.ruleLoaders, ...(flushes ? ['nftables.service'] : [])],
    ruleFiles: flushes ? [debianRules] : [],
    modules: [...everyBase.modules, ...(image === null ? [] : [...neededModules, 'ext4'])],
    users: profile.access.users.map(({ name }) => name),
    reachedAs: (path) => reachedAs(layout, path),
  }
}
