import { Buffer } from 'node:buffer'
import type { Host } from '../../host/host.ts'
import type { BuildPlan, StateReference } from '../../plan/build-plan.ts'
import { makeClusterPki } from '../pki/cluster-pki.ts'
import type { ClientIdentity } from '../pki/issue.ts'
import { makeClientCertificate } from '../pki/issue.ts'
import type { ReadSecret } from '../secrets.ts'
import { Secret } from '../secrets.ts'
import type { StateDocument } from './state-file.ts'
import { readState, statePath, writeState } from './state-file.ts'
import { stateValue } from './state-values.ts'

/** What the state of a cluster depends on. */
export type StatePlan = Pick<BuildPlan, 'cluster' | 'pki' | 'stateProtection'>

/** Asks at the terminal, without echo; `twice` for a new secret. */
export type AskSecret = (question: string, options: { readonly twice: boolean }) => Promise<Secret>

/** What a state needs beyond the plan: where its keys are, and what is known of the cluster. */
export interface StateContext {
  readonly readSecret: ReadSecret
  /** Paths of an authority of the user's own are relative to it. */
  readonly profileDirectory: string
  /** Null where nobody can be asked. */
  readonly ask: AskSecret | null
}

/** The one door to what a cluster keeps. Values come out as Secret, certificates too. */
export interface ClusterState {
  /** True when this run made it: a new cluster. */
  readonly isNew: boolean
  readonly created: string
  /** What a plan's reference names, as the bytes of the file it becomes. */
  readonly value: (reference: StateReference) => Secret
  /** Made at the first request and kept. */
  readonly clientCertificate: (
    identity: ClientIdentity,
    lifetimeDays: number,
  ) => Promise<Readonly<Record<'crt' | 'key', Secret>>>
  /** PEM, for the kubeconfig's CA data. */
  readonly serverCa: string
}

const hex = (host: Host, length: number): string => Buffer.from(host.randomBytes(length)).toString('hex')

const createState = async (host: Host, plan: StatePlan): Promise<StateDocument> => ({
  stateVersion: 1,
  cluster: plan.cluster,
  created: new Date(host.now()).toISOString(),
  pki: await makeClusterPki(plan, host),
  tokens: { server: hex(host, 16), agent: hex(host, 16) },
  bootstrapTokens: [],
  clusterSecret: hex(host, 32),
  clients: [],
})

/** Reads the state of a cluster, or makes it and keeps it. Call it under the lock of state-lock.ts. */
export const openState = async (host: Host, directory: string, plan: StatePlan): Promise<ClusterState> => {
  const { cluster } = plan
  const found = await readState(host, directory, cluster)
  let document = found ?? (await createState(host, plan))
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
    value: (reference) => new Secret(stateValue(document, reference.name)),
    serverCa: document.pki.authorities['server-ca'].crt,
    clientCertificate: async ({ user, groups }, lifetimeDays) => {
      const known = document.clients.find(
        (client) => client.user === user && client.groups.join() === groups.join(),
      )
      const { authorities } = document.pki
      const made =
        known ?? (await makeClientCertificate({ user, groups }, authorities['client-ca'], lifetimeDays, host))
      if (known === undefined) {
        document = {
          ...document,
          clients: [...document.clients, { user, groups, crt: made.crt, key: made.key }],
        }
        await writeState(host, directory, document)
      }
      return { crt: new Secret(made.crt), key: new Secret(made.key) }
    },
  }
}
