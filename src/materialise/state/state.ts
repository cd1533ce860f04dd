import { dirname, join } from 'node:path'
import type { Host } from '../../host/host.ts'
import type { BuildPlan, StateReference } from '../../plan/build-plan.ts'
import { bootstrapTokensOf } from '../bootstrap-tokens.ts'
import { checkPkiAgrees } from '../pki/agree.ts'
import type { ClientIdentity } from '../pki/issue.ts'
import { Secret } from '../secrets.ts'
import { clientOf, withClients } from './clients.ts'
import { createState } from './create-state.ts'
import type { KnownCluster } from './known-cluster.ts'
import { checkMayBeNew, checkSameCluster, clusterFingerprint, unknownCluster } from './known-cluster.ts'
import type { StateDocument } from './state-file.ts'
import type { KeyContext } from './state-keys.ts'
import { createStateStore } from './state-store.ts'
import { stateValue } from './state-values.ts'

/** What the state of a cluster depends on; with nodes and kubeconfigs it is made whole for them in one writing. */
export type StatePlan = Pick<BuildPlan, 'cluster' | 'pki' | 'stateProtection'> &
  Partial<Pick<BuildPlan, 'nodes' | 'kubeconfigs' | 'epoch'>>

/** What a state needs beyond the plan: where its keys are, and what is known of the cluster. */
export interface StateContext extends KeyContext {
  readonly known?: KnownCluster
  /** Make a new cluster, whatever is there and known; what is there is kept under another name. */
  readonly newCluster?: boolean
}

/** The one door to what a cluster keeps. Values come out as Secret, certificates too. */
export interface ClusterState {
  /** True when this run made it: a new cluster. */
  readonly isNew: boolean
  /** Public: tells clusters of one name apart. */
  readonly fingerprint: string
  /** What a plan's reference names, as the bytes of the file it becomes. */
  readonly value: (reference: StateReference) => Secret
  /** Made at the first request and kept. */
  readonly clientCertificate: (
    identity: ClientIdentity,
    lifetimeDays: number,
  ) => Promise<Readonly<Record<'crt' | 'key', Secret>>>
  /** PEM, for the kubeconfig's CA data. */
  readonly serverCa: string
  /** Everything, for what is shown of it (expiry dates). Holds keys: never print it. */
  readonly document: () => StateDocument
}

/** No secret of the profile, nobody to ask: enough for a state that is not encrypted. */
const alone = (directory: string): StateContext => ({
  readSecret: (secret) => Promise.reject(new Error(`no reader was given for ${secret.at}`)),
  profileDirectory: dirname(dirname(directory)),
  ask: null,
})

/** The document with all that the plan's nodes and kubeconfigs need. */
const completed = async (document: StateDocument, plan: StatePlan, host: Host): Promise<StateDocument> => {
  const { nodes, kubeconfigs = [] } = plan
  const withTokens =
    nodes === undefined
      ? document
      : { ...document, bootstrapTokens: bootstrapTokensOf(document.bootstrapTokens, nodes, host) }
  return withClients(withTokens, kubeconfigs, host)
}

const isSame = (a: StateDocument, b: StateDocument): boolean =>
  JSON.stringify(a.clients) === JSON.stringify(b.clients) &&
  JSON.stringify(a.bootstrapTokens) === JSON.stringify(b.bootstrapTokens)

/** Reads the state of a cluster, or makes it and keeps it. Call it under the lock of state-lock.ts. */
export const openState = async (
  host: Host,
  directory: string,
  plan: StatePlan,
  context: StateContext = alone(directory),
): Promise<ClusterState> => {
  const { known = unknownCluster, newCluster = false } = context
  const store = createStateStore(host, directory, plan, context)
  const found = newCluster ? undefined : await store.read()
  if (found !== undefined) {
    checkSameCluster(found.document, store.path, known)
    await checkPkiAgrees(host, found.document.pki, plan.pki, context.profileDirectory)
  } else if (!newCluster) checkMayBeNew(plan.cluster, store.path, known)
  if (plan.stateProtection.kind === 'plain')
    host.report.warn(
      `the keys of ${plan.cluster} are not encrypted (${store.path}): whoever gets a copy of it owns the cluster`,
    )

  let document = await completed(found?.document ?? (await createState(host, plan, context)), plan, host)
  const keep = async (next: StateDocument): Promise<void> => {
    await store.write(next)
    document = next
  }
  if (found === undefined) {
    await host.files.makeDirectory(directory, 0o700)
    await host.files.writeAtomic(join(dirname(directory), '.gitignore'), '*\n')
    for (const copy of await store.keepCopies())
      host.report.info(`the state of the old cluster is kept in ${copy}`)
    await keep(document)
    host.report.info(`made keys and tokens of the new cluster ${plan.cluster} in ${store.path}: keep a copy`)
  } else if (found.isOutdated || !isSame(found.document, document)) {
    await keep(document)
    if (found.isOutdated) host.report.info(`${store.path} is now protected as the profile says`)
  }

  return {
    isNew: found === undefined,
    fingerprint: clusterFingerprint(document),
    value: (reference) => new Secret(stateValue(document, reference.name)),
    serverCa: document.pki.authorities['server-ca'].crt,
    clientCertificate: async (identity, lifetimeDays) => {
      const next = await withClients(document, [{ ...identity, lifetimeDays }], host)
      if (next !== document) await keep(next)
      const { crt, key } = clientOf(document, identity)
      return { crt: new Secret(crt), key: new Secret(key) }
    },
    document: () => document,
  }
}
