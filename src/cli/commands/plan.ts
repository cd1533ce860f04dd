import type { Host } from '../../host/host.ts'
import { printPlan } from '../../plan/print-plan.ts'
import { exitCodes } from '../exit-codes.ts'
import { unknownNode } from '../known-node.ts'
import { loadPlan } from '../load-plan.ts'
import type { PlanOptions } from '../options.ts'
import { stopOnFaults } from '../report-diagnostics.ts'

/** Shows what a build would make, without making or fetching anything. */
export const run = async (host: Host, options: PlanOptions): Promise<number> => {
  const [loaded, faults] = await loadPlan(host, options.profile, options)
  const stopped = stopOnFaults(faults, options)
  if (stopped !== undefined) return stopped
  if (loaded === undefined) return exitCodes.profile
  const { plan } = loaded
  const unknown = unknownNode(plan, options.node)
  if (unknown !== undefined) {
    options.terminal.err(`error: ${unknown}\n`)
    return exitCodes.usage
  }
  const nodes = plan.nodes.filter(({ name }) => options.node === undefined || name === options.node)
  if (options.format === 'json') {
    options.terminal.out(`${JSON.stringify({ ...plan, nodes }, null, 2)}\n`)
  } else options.terminal.out(printPlan({ ...plan, nodes }))
  return exitCodes.ok
}
