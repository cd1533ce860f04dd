import type { CertificateRow } from '../materialise/pki/certificate-table.ts'
import { certificateTable } from '../materialise/pki/certificate-table.ts'
import type { StateDocument } from '../materialise/state/state-file.ts'

/** How long before its end a certificate is told of: time to plan a visit. */
export const warningDays = 180

export const certificateRows = (
  { pki, clients }: Pick<StateDocument, 'pki' | 'clients'>,
  nowMs: number,
): readonly CertificateRow[] => certificateTable(pki, clients, nowMs)

/** A kubeconfig that is meant for weeks would be told of from its first day: it is, in its last third. */
const warningDaysOf = ({ clients }: StateDocument, name: string): number => {
  const client = clients.find(({ user }) => name === `client/${user}`)
  return Math.min(warningDays, (client?.lifetimeDays ?? Number.POSITIVE_INFINITY) / 3)
}

export const endingSoon = (document: StateDocument, nowMs: number): readonly CertificateRow[] =>
  certificateRows(document, nowMs).filter(({ name, daysLeft }) => daysLeft < warningDaysOf(document, name))

export const dayOf = (time: string): string => time.slice(0, 10)

/** `the certificate server-ca ends in 90 days (2027-01-31)` */
export const endingText = ({ name, notAfter, daysLeft }: CertificateRow): string => {
  const when = daysLeft < 0 ? 'has ended' : `ends in ${daysLeft} days`
  return `the certificate ${name} ${when} (${dayOf(notAfter)}): appliance pki renew`
}
