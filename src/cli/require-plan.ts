import type { Host } from '../host/host.ts'
import { exitCodes } from './exit-codes.ts'
import { unknownNode } from './known-node.ts'
import type { LoadedPlan } from './load-plan.ts'
import { loadPlan } from './load-plan.ts'
import type { ProfileOptions } from './options.ts'
import { stopOnFaults } from './report-diagnostics.ts'

/** The plan of a profile; or the exit code, when what is wrong with the profile or with --node has been told. */
export const requirePlan = async (
  host: Host,
  options: ProfileOptions & { readonly node?: string | undefined },
): Promise<LoadedPlan | number> => {
  const [loaded, faults] = await loadPlan(host, options.profile, options)
  const stopped = stopOnFaults(faults, options)
  if (stopped !== undefined) return stopped
  if (loaded === undefined) return exitCodes.profile
  const unknown = unknownNode(loaded.plan, options.node)
  if (unknown === undefined) return loaded
  options.terminal.err(`error: ${unknown}\n`)
  return exitCodes.usage
}
