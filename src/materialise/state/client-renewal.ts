import { X509Certificate } from 'node:crypto'
import { dayMs } from '../../host/day.ts'
import type { ClientRequest } from './clients.ts'
import type { StateDocument } from './state-file.ts'

type Client = StateDocument['clients'][number]

/** A kubeconfig lies in somebody's home: the next build should not find it ended. Short ones: in their last third. */
const renewalDays = (lifetimeDays: number): number => Math.min(30, lifetimeDays / 3)

const isSignedBy = (leaf: X509Certificate, ca: X509Certificate): boolean =>
  leaf.checkIssued(ca) && leaf.verify(ca.publicKey)

/**
 * Why a kept certificate does not do any more, for a sentence; undefined when it does. `clientCa` is the bundle, whose first
 * certificate signs.
 */
export const whyRenew = (
  client: Client,
  { groups, lifetimeDays }: ClientRequest,
  clientCa: string,
  nowMs: number,
): string | undefined => {
  if (JSON.stringify(client.groups) !== JSON.stringify(groups)) return 'its groups changed'
  if (client.lifetimeDays !== lifetimeDays) return 'its lifetime changed'
  const leaf = new X509Certificate(client.crt)
  const ca = new X509Certificate(clientCa)
  if (!isSignedBy(leaf, ca)) return 'the CA that signs it is a new one'
  const endMs = Date.parse(leaf.validTo)
  if (endMs <= nowMs) return `it ended on ${new Date(endMs).toISOString().slice(0, 10)}`
  const days = (endMs - nowMs) / dayMs
  // One that ends with its CA would not get a later end.
  if (days < renewalDays(lifetimeDays) && endMs < Date.parse(ca.validTo))
    return `it ends in ${Math.ceil(days)} days`
  return undefined
}
