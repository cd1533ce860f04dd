import type { CertificateAndKey, ClientIdentity, PkiWorld } from '../pki/issue.ts'
import { makeClientCertificate } from '../pki/issue.ts'
import type { StateDocument } from './state-file.ts'

export interface ClientRequest extends ClientIdentity {
  readonly lifetimeDays: number
}

const findClient = (
  { clients }: StateDocument,
  { user, groups }: ClientIdentity,
): CertificateAndKey | undefined =>
  clients.find((client) => client.user === user && client.groups.join() === groups.join())

/** The document with a certificate for everyone who is asked for; one that was made before is kept. */
export const withClients = async (
  document: StateDocument,
  requests: readonly ClientRequest[],
  world: PkiWorld,
): Promise<StateDocument> => {
  const missing = requests.filter((request) => findClient(document, request) === undefined)
  if (missing.length === 0) return document
  const ca = document.pki.authorities['client-ca']
  const made = await Promise.all(
    missing.map(async ({ user, groups, lifetimeDays }) => {
      const { crt, key } = await makeClientCertificate({ user, groups }, ca, lifetimeDays, world)
      return { user, groups, crt, key }
    }),
  )
  return { ...document, clients: [...document.clients, ...made] }
}

export const clientOf = (document: StateDocument, identity: ClientIdentity): CertificateAndKey => {
  const found = findClient(document, identity)
  if (found === undefined) throw new Error(`the state has no certificate of ${identity.user}`)
  return found
}
