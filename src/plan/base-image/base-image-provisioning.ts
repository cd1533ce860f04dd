import { distributionText } from '../../resolve/base-image/check-base-image.ts'
import type { LockedBaseImage } from '../../resolve/base-image/locked-base-image.ts'
import type { ResolvedNode, ResolvedProfile } from '../../resolve/resolved-profile.ts'
import type { Architecture } from '../build-plan.ts'
import { nodeTemplates } from '../node-tree.ts'
import { kernelModules } from '../node-units.ts'
import { planNodeProvisioning } from '../provisioning/node-provisioning.ts'
import type {
  ProvisionedFile,
  ProvisionedKernelArguments,
  ProvisionedUnit,
  Provisioning,
} from '../provisioning/provisioning.ts'
import type { Renderer, View } from '../renderer.ts'
import { baseImageTemplates, isForEveryBase } from './base-image-tree.ts'

/** What is told of a base that was not made by us. */
export interface BaseImage {
  /** For people: `debian 13`. */
  readonly name: string
  readonly architecture: Architecture
}

const started: readonly string[] = [
  'appliance-certificates.timer',
  'appliance-disk.service',
  'appliance-firewall.service',
  'appliance-firstboot.service',
  'appliance-journal.service',
  'appliance-verify.timer',
  'k3s.service',
]

export const baseImageOf = (image: LockedBaseImage): BaseImage => ({
  name: distributionText(image),
  architecture: image.architecture,
})

/** Scripts, units and settings: the same for every node, and rendered once. */
export const planBaseImageFiles = (
  renderer: Renderer,
  { name: base, architecture }: BaseImage,
  epoch: number,
): readonly ProvisionedFile[] => {
  const views: Readonly<Record<string, View>> = {
    'usr/lib/appliance/release.hbs': { base, architecture, epoch },
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
    return {
      path: `/${name.replace(/\.hbs$/, '')}`,
      mode,
      text: view === undefined ? renderer.text(template) : renderer.render(template, view),
    }
  })
}

/**
 * On a Raspberry Pi the device trees of the vendor switch the memory control group off, which k3s ends without
 * (raspberry-pi-boot.ts), and `resize` would have the base move the end of its root, behind which are partitions of ours now
 * (raspberrypi-sys-mods, initramfs-tools).
 */
const kernelArgumentsOf = ({ configuration }: LockedBaseImage): ProvisionedKernelArguments =>
  configuration.way === 'boot-files' && configuration.commandLine !== null
    ? { present: ['cgroup_enable=memory'], absent: ['resize'] }
    : { present: [], absent: [] }

const unit = (name: string): ProvisionedUnit => ({ name, text: null, state: 'enabled' })

/**
 * On a base that was not made by us nothing is there yet: scripts, units and settings come by the front end, into the same
 * places as on a base of our own. Keys, tokens and k3s's settings come from the seed there, too.
 */
export const planBaseImageProvisioning = (
  profile: ResolvedProfile,
  node: ResolvedNode,
  image: LockedBaseImage,
  files: readonly ProvisionedFile[],
): Provisioning => ({
  ...planNodeProvisioning(profile),
  hostname: node.name,
  network: node.interfaces,
  kernelArguments: kernelArgumentsOf(image),
  rootSize: 'kept',
  sshPasswords: 'refused',
  directories: ['/data', '/payload'].map((path) => ({ path, mode: 0o755 })),
  links: ['crictl', 'ctr', 'k3s', 'kubectl'].map((name) => ({
    path: `/usr/local/bin/${name}`,
    target: '/payload/bin/k3s',
  })),
  files,
  units: started.map(unit),
  commands: [['/usr/lib/appliance/bring-up']],
})
