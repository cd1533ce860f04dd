import type { Host } from '../../host/host.ts'
import { exitCodes } from '../exit-codes.ts'
import { loadProfile } from '../load-profile.ts'
import type { ValidateOptions } from '../options.ts'
import { mustStop, reportDiagnostics } from '../report-diagnostics.ts'

/** Checks a profile alone: no lock, no network, nothing written. */
export const run = async (host: Host, options: ValidateOptions): Promise<number> => {
  const [loaded, diagnostics] = await loadProfile(host, options.profile, options)
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
