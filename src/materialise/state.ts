import { Buffer } from 'node:buffer'
import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import type { StateReference } from '../plan/build-plan.ts'
import type { CaName, CertificateAndKey, ClientIdentity } from './pki.ts'
import { caHash, caNames, makeCa, makeClientCertificate, makeServiceKey, nodePassword } from './pki.ts'
import { Secret } from './secrets.ts'
import type { StateDocument } from './state-file.ts'
import { readState, statePath, writeState } from './state-file.ts'

/** The one door to what a cluster keeps. Values come out as Secret, certificates too. */
export interface ClusterState {
  /** True when this run made it: a new cluster. */
  readonly isNew: boolean
  readonly created: string
  /** What a plan's reference names, as the bytes of the file it becomes. */
  readonly value: (reference: StateReference) => Secret
  /** Made at the first request and kept. */
  readonly clientCertificate: (identity: ClientIdentity) => Promise<Readonly<Record<'crt' | 'key', Secret>>>
  /** PEM, for the kubeconfig's CA data. */
  readonly serverCa: string
}

const hex = (host: Host, length: number): string => Buffer.from(host.randomBytes(length)).toString('hex')

const createState = async (host: Host, cluster: string): Promise<StateDocument> => {
  const pairs = await Promise.all(caNames.map(async (name) => [name, await makeCa(name, host)] as const))
  return {
    stateVersion: 1,
    cluster,
    created: new Date(host.now()).toISOString(),
    pki: Object.fromEntries(pairs) as Record<CaName, CertificateAndKey>,
    serviceKey: await makeServiceKey(),
    tokens: { server: hex(host, 16), agent: hex(host, 16) },
    clusterSecret: hex(host, 32),
    clients: [],
  }
}

/** Reads the state of a cluster, or makes it and keeps it. Call it under the lock of state-lock.ts. */
export const openState = async (host: Host, directory: string, cluster: string): Promise<ClusterState> => {
  const found = await readState(host, directory, cluster)
  let document = found ?? (await createState(host, cluster))
  if (found === undefined) {
    await host.files.makeDirectory(directory, 0o700)
    await writeState(host, directory, document)
    host.report.info(
      `made keys and tokens of the new cluster ${cluster} in ${statePath(directory)}: keep a copy`,
    )
  }

  return {
    isNew: found === undefined,
    created: document.created,
    value: (reference) => new Secret(lookUp(document, reference.name)),
    serverCa: document.pki['server-ca'].crt,
    clientCertificate: async (identity) => {
      const known = document.clients.find(
        ({ user, group }) => user === identity.user && group === identity.group,
      )
      const made = known ?? (await makeClientCertificate(identity, document.pki['client-ca'], host))
      if (known === undefined) {
        const { user, group } = identity
        document = {
          ...document,
          clients: [...document.clients, { user, group, crt: made.crt, key: made.key }],
        }
        await writeState(host, directory, document)
      }
      return { crt: new Secret(made.crt), key: new Secret(made.key) }
    },
  }
}

/** The names are the contract of StateReference. */
const lookUp = (state: StateDocument, name: string): string => {
  if (name === 'pki/service.key') return state.serviceKey
  const [, ca, part] = /^pki\/(.+)\.(crt|key)$/.exec(name) ?? []
  if (ca !== undefined && isCaName(ca)) return part === 'crt' ? state.pki[ca].crt : state.pki[ca].key
  const hash = caHash(state.pki['server-ca'].crt)
  if (name === 'token/server') return `K10${hash}::server:${state.tokens.server}\n`
  if (name === 'token/agent') return `K10${hash}::node:${state.tokens.agent}\n`
  const [, node] = /^node-password\/(.+)$/.exec(name) ?? []
  if (node !== undefined) return `${nodePassword(state.clusterSecret, node)}\n`
  throw new EnvironmentFault(
    `the plan asks for ${name}, which a cluster state does not hold`,
    'use the same version of appliance for the plan and the build',
  )
}

const isCaName = (name: string): name is CaName => (caNames as readonly string[]).includes(name)
