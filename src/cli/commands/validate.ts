import { sortDiagnostics } from '../../diagnostics/collector.ts'
import type { Host } from '../../host/host.ts'
import { exitCodes } from '../exit-codes.ts'
import { checkKnownBaseImage, loadProfile } from '../load-profile.ts'
import type { ValidateOptions } from '../options.ts'
import { mustStop, reportDiagnostics } from '../report-diagnostics.ts'

/** Checks a profile: no network, nothing written, and of a lock only what it tells of a base image of the user's own. */
export const run = async (host: Host, options: ValidateOptions): Promise<number> => {
  const [loaded, faults] = await loadProfile(host, options.profile, options)
  const known = loaded === undefined ? [] : await checkKnownBaseImage(host, options.profile, loaded)
  const diagnostics = sortDiagnostics([...faults, ...known])
  reportDiagnostics(diagnostics, options)
  if (mustStop(diagnostics, options.strict)) return exitCodes.profile
  if (options.format === 'text' && loaded !== undefined) {
    const { profile, nodes } = loaded.checked
    const servers = nodes.filter((node) => node.role === 'server').length
    const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
    options.terminal.err(
      `${options.profile}: ok: ${profile.cluster.name}, ${count(servers, 'server')}, ${count(nodes.length - servers, 'agent')}\n`,
    )
  }
  return exitCodes.ok
}
