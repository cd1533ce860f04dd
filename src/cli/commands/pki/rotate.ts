import type { Host } from '../../../host/host.ts'
import { rotatePki } from '../../../materialise/pki/change-pki.ts'
import { withPki } from '../../../materialise/state/known-cluster.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { PkiRotateOptions } from '../../options.ts'
import { nextSteps } from './next-steps.ts'
import { checkChangeable, ownAuthority, readKnown, replaceState, withSession } from './session.ts'

/** New keys under the same root. The cluster that runs goes on with its own until it is given these. */
export const run = async (host: Host, options: PkiRotateOptions): Promise<number> => {
  const { terminal, format, profile } = options
  if (!options.yes) {
    terminal.err(
      'error: this makes new keys for the CAs: the running cluster needs them by `k3s certificate rotate-ca`, and kubeconfigs and the images of servers must be built anew\n  help: say --yes; `appliance pki renew` keeps the keys\n',
    )
    return exitCodes.usage
  }
  return withSession(host, options, { mayBeNew: false }, async (session) => {
    const document = await readKnown(host, session)
    checkChangeable(document)
    const { pki, hashChanged } = await rotatePki(document.pki, host, await ownAuthority(host, session))
    // Kubeconfigs are signed by the CA that was replaced: the next build makes them anew.
    const kept = await replaceState(host, session, profile, withPki({ ...document, clients: [] }, pki))
    const steps = nextSteps(pki, profile, { isForced: pki.form === 'self-signed', hashChanged })
    if (format === 'json') terminal.out(`${JSON.stringify({ kept, hashChanged, next: steps }, null, 2)}\n`)
    else
      terminal.err(
        `made new keys and certificates in the state; the state before is kept in ${kept.join(', ')}\n${steps.join('\n')}\n`,
      )
    return exitCodes.ok
  })
}
