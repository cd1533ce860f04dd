import { textTable } from '../../../diagnostics/text-table.ts'
import type { Host } from '../../../host/host.ts'
import { caHash } from '../../../materialise/pki/ca-hash.ts'
import { clusterFingerprint } from '../../../materialise/state/known-cluster.ts'
import { exitCodes } from '../../exit-codes.ts'
import { certificateRows, dayOf, endingSoon, endingText } from '../../expiry.ts'
import type { ProfileOptions } from '../../options.ts'
import { protectionText } from '../../state-lines.ts'
import { readKnown, withSession } from './session.ts'

/** Lists the certificates of a cluster with their days left. Shows nothing secret. */
export const run = (host: Host, options: ProfileOptions): Promise<number> =>
  withSession(host, options, { mayBeNew: false }, async (session) => {
    const document = await readKnown(host, session)
    const { plan, store } = session
    const certificates = certificateRows(document, host.now())
    const shown = {
      cluster: plan.cluster,
      state: store.path,
      protection: plan.stateProtection.kind,
      created: document.created,
      fingerprint: clusterFingerprint(document),
      form: document.pki.form,
      caHash: caHash(document.pki.authorities['server-ca'].crt),
      certificates,
    }
    if (options.format === 'json') {
      options.terminal.out(`${JSON.stringify(shown, null, 2)}\n`)
      return exitCodes.ok
    }
    const lines = [
      `cluster ${plan.cluster}, made ${dayOf(document.created)}, fingerprint ${shown.fingerprint}`,
      `state ${store.path}, ${protectionText(plan.stateProtection)}`,
      `${shown.form === 'chain' ? 'chain of CAs' : 'self-signed CAs'}; tokens pin K10${shown.caHash}`,
      ...textTable(
        certificates.map(({ name, keyType, notAfter, daysLeft, subject }) => [
          name,
          keyType,
          `ends ${dayOf(notAfter)}`,
          `${daysLeft} days`,
          subject,
        ]),
      ),
    ]
    options.terminal.out(`${lines.join('\n')}\n`)
    for (const row of endingSoon(document, host.now())) host.report.warn(endingText(row))
    return exitCodes.ok
  })
