import { X509Certificate } from 'node:crypto'
import { dayMs } from '../../host/day.ts'
import type { Host } from '../../host/host.ts'
import type { CertificateAndKey, ClientIdentity } from '../pki/issue.ts'
import { makeClientCertificate } from '../pki/issue.ts'
import { whyRenew } from './client-renewal.ts'
import type { StateDocument } from './state-file.ts'

export interface ClientRequest extends ClientIdentity {
  readonly lifetimeDays: number
}

type Client = StateDocument['clients'][number]
type World = Pick<Host, 'now' | 'randomBytes' | 'report'>

const makeClient = async (request: ClientRequest, document: StateDocument, world: World): Promise<Client> => {
  const { user, groups, lifetimeDays } = request
  const ca = document.pki.authorities['client-ca']
  const { crt, key } = await makeClientCertificate({ user, groups }, ca, lifetimeDays, world)
  const endMs = Date.parse(new X509Certificate(crt).validTo)
  if (endMs < world.now() + lifetimeDays * dayMs - dayMs) {
    const end = new Date(endMs).toISOString().slice(0, 10)
    world.report.warn(`the kubeconfig of ${user} ends on ${end}, with its CA: sooner than its lifetime says`)
  }
  return { user, groups, lifetimeDays, crt, key }
}

/**
 * The document with a certificate for everyone who is asked for. One that was made before is kept while it does; the one it
 * is replaced by is made for a reason that is told. Certificates of users who are asked for no longer stay: they are valid.
 */
export const withClients = async (
  document: StateDocument,
  requests: readonly ClientRequest[],
  world: World,
): Promise<StateDocument> => {
  const clientCa = document.pki.authorities['client-ca'].crt
  const due = requests.filter((request) => {
    const known = document.clients.find(({ user }) => user === request.user)
    if (known === undefined) return true
    const why = whyRenew(known, request, clientCa, world.now())
    if (why !== undefined) world.report.info(`making a new kubeconfig for ${request.user}: ${why}`)
    return why !== undefined
  })
  if (due.length === 0) return document
  const made = await Promise.all(due.map((request) => makeClient(request, document, world)))
  const kept = document.clients.filter((client) => !made.some(({ user }) => user === client.user))
  return { ...document, clients: [...kept, ...made] }
}

export const clientOf = (document: StateDocument, { user }: ClientIdentity): CertificateAndKey => {
  const found = document.clients.find((client) => client.user === user)
  if (found === undefined) throw new Error(`the state has no certificate of ${user}`)
  return found
}
