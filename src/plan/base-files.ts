import type { FrontEnd } from '../recipes/recipe.ts'
import type { Architecture, BasePlan, PlannedFile, PlannedLink } from './build-plan.ts'
import { nodeTemplates } from './node-tree.ts'
import { enabledUnits, kernelModules, maskedUnits } from './node-units.ts'
import type { Renderer, View } from './renderer.ts'

export type BaseFiles = Pick<BasePlan, 'files' | 'links' | 'directories' | 'enableUnits' | 'maskUnits'>

export interface BaseFilesOptions {
  readonly recipe: string
  readonly architecture: Architecture
  readonly frontEnd: FrontEnd
  readonly epoch: number
  /** Of the recipe, beside our own. */
  readonly enableUnits: readonly string[]
  readonly maskUnits: readonly string[]
}

/**
 * Programs that systemd would run at every start: for partitions found by guessing, resuming from a swap partition, sysv
 * scripts, offline updates, and ssh over vsock, which fails where there is no vsock.
 */
const uselessGenerators = [
  'systemd-bless-boot-generator',
  'systemd-gpt-auto-generator',
  'systemd-hibernate-resume-generator',
  'systemd-rc-local-generator',
  'systemd-ssh-generator',
  'systemd-system-update-generator',
  'systemd-sysv-generator',
] as const

const noGenerator = (name: string): PlannedLink => ({
  path: `/etc/systemd/system-generators/${name}`,
  target: '/dev/null',
})

const linksOf: Readonly<Record<FrontEnd, readonly PlannedLink[]>> = {
  'cloud-init': [
    // The datasource is known; what else it would do stands here; in /usr, where no preset undoes it.
    noGenerator('cloud-init-generator'),
    {
      path: '/usr/lib/systemd/system/multi-user.target.wants/cloud-init.target',
      target: '../cloud-init.target',
    },
  ],
  ignition: [],
}

const sortedUnion = (...lists: readonly (readonly string[])[]): readonly string[] =>
  [...new Set(lists.flat())].sort()

/** What we lay over Debian's packages: the same for every node of an architecture, whatever the profile says of nodes. */
export const planBaseFiles = (renderer: Renderer, options: BaseFilesOptions): BaseFiles => {
  const maskUnits = sortedUnion(maskedUnits, options.maskUnits)
  const enableUnits = sortedUnion(enabledUnits, options.enableUnits).filter(
    (unit) => !maskUnits.includes(unit),
  )
  const views: Readonly<Record<string, View>> = {
    'usr/lib/appliance/release.hbs': {
      base: options.recipe,
      architecture: options.architecture,
      epoch: options.epoch,
      dataEntry: null,
    },
    'etc/modules-load.d/appliance.conf.hbs': { modules: kernelModules },
    'usr/lib/systemd/system-preset/00-appliance.preset.hbs': { enableUnits },
    'usr/lib/systemd/system-preset/50-appliance.preset.hbs': { enableUnits },
  }
  const ours = nodeTemplates.filter(({ frontEnd = options.frontEnd }) => frontEnd === options.frontEnd)
  const files = ours.map(({ name, mode }): PlannedFile => {
    const view = views[name]
    const path = `node/${name}`
    return {
      path: `/${name.replace(/\.hbs$/, '')}`,
      mode,
      content: {
        kind: 'text',
        text: view === undefined ? renderer.text(path) : renderer.render(path, view),
      },
    }
  })
  return {
    files,
    links: [
      ...['crictl', 'ctr', 'k3s', 'kubectl'].map((name) => ({
        path: `/usr/local/bin/${name}`,
        target: '/payload/bin/k3s',
      })),
      ...uselessGenerators.map(noGenerator),
      ...linksOf[options.frontEnd],
      { path: '/etc/resolv.conf', target: '../run/systemd/resolve/stub-resolv.conf' },
    ],
    // Mount points, and home folders that the initrd fills /data from.
    directories: [
      { path: '/data', mode: 0o755 },
      { path: '/payload', mode: 0o755 },
    ],
    enableUnits,
    maskUnits,
  }
}
