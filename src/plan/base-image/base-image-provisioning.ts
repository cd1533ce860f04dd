import { distributionText } from '../../resolve/base-image/check-base-image.ts'
import type { LockedBaseImage } from '../../resolve/base-image/locked-base-image.ts'
import { hasNetworkManager, ignitionOf } from '../../resolve/base-image/locked-base-image.ts'
import type { ResolvedNode, ResolvedProfile } from '../../resolve/resolved-profile.ts'
import type { Architecture } from '../build-plan.ts'
import { nodeTemplates } from '../node-tree.ts'
import { kernelModules } from '../node-units.ts'
import { planChrony } from '../provisioning/chrony.ts'
import type { IgnitionBase } from '../provisioning/ignition.ts'
import { ignitionPaths, ownIgnition } from '../provisioning/ignition.ts'
import { networkManagerSettings } from '../provisioning/network-manager.ts'
import { planNodeProvisioning } from '../provisioning/node-provisioning.ts'
import type {
  ProvisionedFile,
  ProvisionedKernelArguments,
  ProvisionedUnit,
  Provisioning,
} from '../provisioning/provisioning.ts'
import type { Renderer, View } from '../renderer.ts'
import type { BaseImageLayout } from './base-image-layout.ts'
import { layoutOf, placedOn, placeOn } from './base-image-layout.ts'
import { radioArguments } from './base-image-radio.ts'
import { baseImageTemplates, isForEveryBase } from './base-image-tree.ts'

/** What is told of a base that was not made by us. */
export interface BaseImage {
  /** For people: `debian 13`. */
  readonly name: string
  readonly architecture: Architecture
  readonly layout: BaseImageLayout
  /** Number of the entry that the base's initrd makes the data partition from; null where it does not. */
  readonly dataEntry: number | null
}

const started: readonly string[] = [
  'appliance-certificates.timer',
  'appliance-disk.service',
  'appliance-firewall.service',
  'appliance-firstboot.service',
  'appliance-journal.service',
  'appliance-radio.service',
  'appliance-verify.timer',
  'k3s.service',
]

export const baseImageOf = (image: LockedBaseImage): BaseImage => ({
  name: distributionText(image),
  architecture: image.architecture,
  layout: layoutOf(image.configuration),
  dataEntry: image.renumbered?.from ?? null,
})

/** Scripts, units and settings: the same for every node, and rendered once. */
export const planBaseImageFiles = (
  renderer: Renderer,
  { name: base, architecture, layout, dataEntry }: BaseImage,
  epoch: number,
): readonly ProvisionedFile[] => {
  const views: Readonly<Record<string, View>> = {
    'usr/lib/appliance/release.hbs': { base, architecture, epoch, dataEntry },
    'etc/modules-load.d/appliance.conf.hbs': { modules: kernelModules },
  }
  return [
    ...nodeTemplates
      .filter(({ name, frontEnd }) => frontEnd === undefined && isForEveryBase(name))
      .map((each) => ({ ...each, folder: 'node' })),
    ...baseImageTemplates.map((each) => ({ ...each, folder: 'base-image' })),
  ].map(({ name, mode, folder }) => {
    const view = views[name]
    const template = `${folder}/${name}`
    return placedOn(layout, {
      path: `/${name.replace(/\.hbs$/, '')}`,
      mode,
      text: view === undefined ? renderer.text(template) : renderer.render(template, view),
    })
  })
}

/**
 * On a Raspberry Pi the device trees of the vendor switch the memory control group off, which k3s ends without
 * (raspberry-pi-boot.ts), and `resize` would have the base move the end of its root, behind which are partitions of ours now
 * (raspberrypi-sys-mods, initramfs-tools).
 */
const kernelArgumentsOf = (image: LockedBaseImage, node: ResolvedNode): ProvisionedKernelArguments => {
  const { configuration } = image
  if (configuration.way !== 'boot-files' || configuration.commandLines.length === 0)
    return { present: [], absent: [] }
  const { present, absent } = radioArguments(image, node)
  return { present: ['cgroup_enable=memory', ...present], absent: ['resize', ...absent] }
}

/** Where there is chrony for timesyncd, NetworkManager for networkd, or beside it: on a base with cloud-init as `lock` finds. */
const softwareSettings = (
  { site }: ResolvedProfile,
  { configuration, radio, networkManager, chrony }: LockedBaseImage,
): readonly ProvisionedFile[] => {
  if (hasNetworkManager(configuration))
    return [networkManagerSettings, ...planChrony(site.ntp, '/etc/chrony.conf')]
  return [
    ...(networkManager === true || radio === 'network-manager' ? [networkManagerSettings] : []),
    ...(chrony === undefined ? [] : planChrony(site.ntp, chrony)),
  ]
}

/** What Ignition is told of the base; that of our own where there is none in it. */
export const ignitionBaseOf = ({ configuration }: LockedBaseImage): IgnitionBase => {
  const ignition = ignitionOf(configuration)
  if (ignition === null) return ownIgnition
  return {
    version: ignition.spec,
    document: configuration.way === 'ignition-seed' ? 'ignition/config.ign' : 'config.ign',
    network: hasNetworkManager(configuration) ? 'network-manager' : 'networkd',
    mounts: configuration.way === 'ignition-seed' ? configuration.mounts : [],
    lackingGroups: ignition.system === 'microos' ? ['sudo', 'adm'] : [],
  }
}

const unit = (name: string, state: ProvisionedUnit['state']): ProvisionedUnit => ({ name, text: null, state })

/**
 * Raspberry Pi OS asks at the screen for a name and a password, and nothing that comes after multi-user.target starts until
 * somebody answers; cloud-init's last stage, which starts k3s, does (userconf-pi 0.15, userconfig.service).
 */
const asksAtTheScreen = 'userconfig.service'

const maskedUnits = ({ starts, configuration }: LockedBaseImage): readonly string[] =>
  starts.includes('raspberry-pi') && ignitionOf(configuration) === null ? [asksAtTheScreen] : []

/**
 * On a base that was not made by us nothing is there yet: scripts, units and settings come by the front end, `files` of
 * planBaseImageFiles. Keys, tokens and k3s's settings come from the seed there, too.
 */
export const planBaseImageProvisioning = (
  profile: ResolvedProfile,
  node: ResolvedNode,
  image: LockedBaseImage,
  files: readonly ProvisionedFile[],
): Provisioning => {
  const layout = layoutOf(image.configuration)
  return {
    ...planNodeProvisioning(profile),
    hostname: node.name,
    network: node.interfaces,
    kernelArguments: kernelArgumentsOf(image, node),
    rootSize: 'kept',
    directories: ['/data', '/payload'].map((path) => ({ path: placeOn(layout, path), mode: 0o755 })),
    links: ['crictl', 'ctr', 'k3s', 'kubectl'].map((name) => ({
      path: placeOn(layout, `/usr/local/bin/${name}`),
      target: placeOn(layout, '/payload/bin/k3s'),
    })),
    files: [...files, ...softwareSettings(profile, image)],
    units: [
      ...started.map((name) => unit(name, 'enabled')),
      ...maskedUnits(image).map((name) => unit(name, 'masked')),
    ],
    commands: [[placeOn(layout, '/usr/lib/appliance/bring-up')]],
  }
}

/** What the front end writes on any of the nodes, and a fragment of the user's must not. `files`: as above. */
export const baseImagePaths = (
  profile: ResolvedProfile,
  image: LockedBaseImage,
  files: readonly ProvisionedFile[],
): readonly string[] =>
  profile.nodes.flatMap((node) => {
    const provisioning = planBaseImageProvisioning(profile, node, image, files)
    if (profile.provision === 'ignition') return ignitionPaths(provisioning, ignitionBaseOf(image))
    return [...provisioning.files, ...provisioning.links].map(({ path }) => path)
  })
