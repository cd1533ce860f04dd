import { dirname, join } from 'node:path'
import type { Host } from '../../host/host.ts'
import { createSecretReader } from '../../materialise/secrets/reader.ts'
import { peekState } from '../../materialise/state/peek-state.ts'
import { stateFile } from '../../materialise/state/state-store.ts'
import { printPlan } from '../../plan/print-plan.ts'
import { stateDirectory } from '../cluster-state.ts'
import { exitCodes } from '../exit-codes.ts'
import type { PlanOptions } from '../options.ts'
import { requirePlan } from '../require-plan.ts'
import { stateLines } from '../state-lines.ts'

/** Shows what a build would make, without making or fetching anything. */
export const run = async (host: Host, options: PlanOptions): Promise<number> => {
  const loaded = await requirePlan(host, options)
  if (typeof loaded === 'number') return loaded
  const { plan } = loaded
  const nodes = plan.nodes.filter(({ name }) => options.node === undefined || name === options.node)
  if (options.format === 'json') {
    options.terminal.out(`${JSON.stringify({ ...plan, nodes }, null, 2)}\n`)
    return exitCodes.ok
  }
  options.terminal.out(printPlan({ ...plan, nodes }))
  const directory = stateDirectory(options.profile, plan.cluster)
  const profileDirectory = dirname(options.profile)
  const secrets = createSecretReader(host, profileDirectory, loaded.checked.literals)
  const state = await peekState(host, directory, plan, { readSecret: secrets.read, profileDirectory })
  const path = join(directory, stateFile(plan.stateProtection))
  const lines = stateLines(
    path,
    plan.stateProtection,
    state,
    host.now(),
    loaded.lock.cluster?.name === plan.cluster,
  )
  options.terminal.out(`\n${lines.join('\n')}\n`)
  return exitCodes.ok
}
