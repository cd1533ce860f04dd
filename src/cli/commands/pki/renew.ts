import type { Host } from '../../../host/host.ts'
import type { Renewable } from '../../../materialise/pki/change-pki.ts'
import { renewables, renewPki } from '../../../materialise/pki/change-pki.ts'
import { withClients } from '../../../materialise/state/clients.ts'
import { withPki } from '../../../materialise/state/known-cluster.ts'
import type { StateDocument } from '../../../materialise/state/state-file.ts'
import { exitCodes } from '../../exit-codes.ts'
import { certificateRows, endingSoon } from '../../expiry.ts'
import type { PkiRenewOptions } from '../../options.ts'
import { nextSteps } from './next-steps.ts'
import { checkChangeable, ownAuthority, readKnown, replaceState, withSession } from './session.ts'

interface Choice {
  readonly authorities: readonly Renewable[]
  /** Users whose kubeconfigs are made again. */
  readonly users: readonly string[]
  /** Asked for, and there is no such certificate, or none that can be renewed. */
  readonly unknown: readonly string[]
  /** Ends soon, and nothing here can help it. */
  readonly fixed: readonly string[]
}

/** A root is never renewed, since tokens pin it; what stands between it and the user's own intermediate is the user's. */
const isFixed = (name: string): boolean => /^(root|intermediate \d+)$/.test(name)

/** Names asked for, or all, or what ends soon. */
const choose = (document: StateDocument, { all, names }: PkiRenewOptions, nowMs: number): Choice => {
  const there = certificateRows(document, nowMs).map(({ name }) => name)
  const due = endingSoon(document, nowMs).map(({ name }) => name)
  const wanted = names.length > 0 ? names : (all ? there : due).filter((name) => !isFixed(name))
  const users = wanted.flatMap((name) => (name.startsWith('client/') ? [name.slice('client/'.length)] : []))
  return {
    authorities: renewables.filter((name) => wanted.includes(name)),
    users,
    unknown: wanted.filter((name) => !there.includes(name) || isFixed(name)),
    fixed: due.filter(isFixed),
  }
}

const renewUsers = async (
  document: StateDocument,
  users: readonly string[],
  host: Host,
): Promise<StateDocument> => {
  const isDue = ({ user }: { readonly user: string }): boolean => users.includes(user)
  const kept = document.clients.filter((client) => !isDue(client))
  return withClients({ ...document, clients: kept }, document.clients.filter(isDue), host)
}

/** New certificates for the same keys. Changes the state alone; what is left to do on the running cluster is printed. */
export const run = (host: Host, options: PkiRenewOptions): Promise<number> =>
  withSession(host, options, { mayBeNew: false }, async (session) => {
    const { terminal, format, profile } = options
    const document = await readKnown(host, session)
    const { authorities, users, unknown, fixed } = choose(document, options, host.now())
    if (unknown.length > 0) {
      terminal.err(
        `error: ${unknown.join(', ')} cannot be renewed\n  help: name ${renewables.join(', ')} or client/<user>; a root that ends is a new cluster\n`,
      )
      return exitCodes.usage
    }
    for (const name of fixed)
      host.report.warn(`the certificate ${name} ends soon and cannot be renewed: plan a new cluster`)
    const renewed = [...authorities, ...users.map((user) => `client/${user}`)]
    if (renewed.length === 0) {
      if (format === 'json')
        terminal.out(`${JSON.stringify({ renewed, kept: [], hashChanged: false, next: [] }, null, 2)}\n`)
      else terminal.err('nothing ends within 180 days; --all renews everything\n')
      return exitCodes.ok
    }
    if (authorities.length > 0) checkChangeable(document)
    const change =
      authorities.length === 0
        ? { pki: document.pki, hashChanged: false }
        : await renewPki(document.pki, authorities, host, await ownAuthority(host, session))
    const next = await renewUsers(withPki(document, change.pki), users, host)
    const kept = await replaceState(host, session, profile, next)
    const isForced = change.pki.form === 'self-signed'
    const steps =
      authorities.length > 0
        ? nextSteps(change.pki, profile, { isForced, hashChanged: change.hashChanged })
        : [`next: appliance build ${profile}, and hand out the new kubeconfigs`]
    if (format === 'json') {
      const result = {
        renewed,
        kept,
        hashChanged: change.hashChanged,
        next: steps,
      }
      terminal.out(`${JSON.stringify(result, null, 2)}\n`)
      return exitCodes.ok
    }
    terminal.err(
      `renewed in the state: ${renewed.join(', ')}\nthe state before is kept in ${kept.join(', ')}\n`,
    )
    terminal.err(`${steps.join('\n')}\n`)
    return exitCodes.ok
  })
