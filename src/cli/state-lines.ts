import { textTable } from '../diagnostics/text-table.ts'
import type { PeekedState } from '../materialise/state/peek-state.ts'
import type { StateProtection } from '../plan/build-plan.ts'
import { certificateRows, dayOf, endingSoon, endingText } from './expiry.ts'

export const protectionText = (protection: StateProtection): string => {
  switch (protection.kind) {
    case 'plain':
      return 'not encrypted'
    case 'passphrase':
      return 'encrypted with a passphrase'
    case 'recipients':
      return `encrypted to ${protection.recipients.length} recipient${protection.recipients.length === 1 ? '' : 's'} of age`
  }
}

/** What `plan` says of a cluster's state: how it is kept, and when its certificates end. Nothing of it is secret. */
export const stateLines = (
  path: string,
  protection: StateProtection,
  state: PeekedState,
  nowMs: number,
  /** The lock knows a cluster of this name: its state is lost, not yet to be made. */
  isKnown: boolean,
): readonly string[] => {
  const head = `state ${path}, ${protectionText(protection)}`
  if (state.kind === 'none')
    return [
      isKnown
        ? `${head}: missing, though the lock knows this cluster: put it back from your copy before you build`
        : `${head}: made by the first build`,
    ]
  if (state.kind === 'closed') return [`${head}: expiry dates are not known (${state.why})`]
  return [
    head,
    ...textTable(
      certificateRows(state.document, nowMs).map(({ name, notAfter, daysLeft }) => [
        name,
        `ends ${dayOf(notAfter)}`,
        `in ${daysLeft} days`,
      ]),
    ),
    ...endingSoon(state.document, nowMs).map((row) => `  warning: ${endingText(row)}`),
  ]
}
