import { join } from 'node:path'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import { readBackup } from '../../materialise/backup/read-backup.ts'
import { endedToken } from '../../materialise/bootstrap-tokens.ts'
import { withLock } from '../../materialise/state/state-lock.ts'
import { hasState } from '../../materialise/state/state-store.ts'
import type { ReplacedPart } from '../../plan/replacement.ts'
import { planReplacement, replacedPart, replacementSteps } from '../../plan/replacement.ts'
import { stateDirectory } from '../cluster-state.ts'
import { exitCodes } from '../exit-codes.ts'
import type { LoadedPlan } from '../load-plan.ts'
import type { ReplaceOptions } from '../options.ts'
import { withPlaces } from '../place-fault.ts'
import { requirePlan } from '../require-plan.ts'
import { buildImages, printOutputs } from './build.ts'

/** Builds an image for a machine that takes the place of a lost one. The usual image of the node stays as it is. */
export const run = async (host: Host, options: ReplaceOptions): Promise<number> => {
  const loaded = await requirePlan(host, options)
  if (typeof loaded === 'number') return loaded
  const { plan, resolved, checked } = loaded
  const { node: name, terminal } = options
  const wrong = dataFault(name, replacedPart(resolved, name), options)
  if (wrong !== undefined) {
    terminal.err(`error: ${wrong}\n`)
    return exitCodes.usage
  }
  await withPlaces(checked, () => checkToken(host, loaded, name))
  await checkCluster(host, options.profile, plan.cluster)
  const backup = options.backup === undefined ? [] : await readBackup(host, options.backup)

  const successor = planReplacement(resolved, plan, name, backup)
  const nodes = plan.nodes.map((node) => (node.name === name ? successor : node))
  const folder = join(options.output, plan.cluster)
  const outputs = await withLock(host, stateDirectory(options.profile, plan.cluster), () =>
    buildImages(host, { ...loaded, plan: { ...plan, nodes } }, { ...options, newCluster: false }, folder, {
      backup: new Map(backup.map((file) => [file.name, file.path])),
    }),
  )

  const kubeconfig = join(folder, 'kubeconfig')
  const steps = replacementSteps(resolved, name, { kubeconfig, hasBackup: backup.length > 0 })
  printOutputs(plan, folder, outputs, options, { steps })
  if (options.format === 'text') {
    terminal.out(`\nto replace ${name}:\n`)
    for (const [index, step] of steps.entries()) terminal.out(`  ${index + 1}. ${step}\n`)
  }
  return exitCodes.ok
}

/** Why a node of this kind is given no data. */
const withoutData = {
  nothing: 'has no datastore',
  member: 'receives the datastore from the other servers',
  access: 'has its datastore elsewhere, where it stays',
} as const satisfies Record<Exclude<ReplacedPart, 'datastore'>, string>

/** Why what was said of the data does not fit the node; undefined when it does. */
const dataFault = (
  name: string,
  part: ReplacedPart,
  { backup, newDatastore }: Pick<ReplaceOptions, 'backup' | 'newDatastore'>,
): string | undefined => {
  const said = backup !== undefined || newDatastore
  const more = '\n  more: appliance explain B1101'
  if (part !== 'datastore') {
    if (!said) return undefined
    const why = withoutData[part]
    return `${name} ${why}: leave out --backup and --new-datastore${more}`
  }
  if (backup !== undefined && newDatastore) return `--backup and --new-datastore contradict each other${more}`
  if (said) return undefined
  return `${name} is the only server: all that the cluster knows was on it. Name a copy of its datastore with --backup FILE, or give it up with --new-datastore${more}`
}

/** The card could not join, now or ever: unlike a rebuild, a replacement is made to be used. */
const checkToken = async (host: Host, { plan }: LoadedPlan, name: string): Promise<void> => {
  const index = plan.nodes.findIndex((node) => node.name === name)
  const expires = plan.nodes[index]?.bootstrapToken?.expires ?? null
  if (expires !== null && Date.parse(expires) <= host.now()) throw endedToken(name, expires, index)
}

const checkCluster = async (host: Host, profile: string, cluster: string): Promise<void> => {
  const directory = stateDirectory(profile, cluster)
  if (await hasState(host, directory)) return
  throw new EnvironmentFault(
    `there is no state of the cluster ${cluster} in ${directory}: nothing to replace a node of`,
    'put the state back from your copy; a cluster that never was is made by `appliance build`',
    { code: 'B1103' },
  )
}
