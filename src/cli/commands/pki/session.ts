import { dirname } from 'node:path'
import { EnvironmentFault } from '../../../diagnostics/fault.ts'
import type { Host } from '../../../host/host.ts'
import { readAuthority } from '../../../materialise/pki/read-authority.ts'
import type { SigningAuthority } from '../../../materialise/pki/signing-authority.ts'
import { createSecretReader } from '../../../materialise/secrets/reader.ts'
import { checkSameCluster, clusterFingerprint } from '../../../materialise/state/known-cluster.ts'
import type { StateDocument } from '../../../materialise/state/state-file.ts'
import type { KeyContext } from '../../../materialise/state/state-keys.ts'
import { withLock } from '../../../materialise/state/state-lock.ts'
import type { StateStore } from '../../../materialise/state/state-store.ts'
import { createStateStore, hasState } from '../../../materialise/state/state-store.ts'
import type { BuildPlan } from '../../../plan/build-plan.ts'
import { knownCluster, recordCluster, stateDirectory } from '../../cluster-state.ts'
import type { LoadedPlan } from '../../load-plan.ts'
import type { ProfileOptions } from '../../options.ts'
import { withPlaces } from '../../place-fault.ts'
import { requirePlan } from '../../require-plan.ts'

/** What every `appliance pki` command works with. */
export interface PkiSession {
  readonly plan: BuildPlan
  readonly loaded: LoadedPlan
  readonly directory: string
  readonly store: StateStore
  readonly context: KeyContext
}

/** Loads a profile and holds the lock of its state while `work` runs. `mayBeNew`: the work may make the state. */
export const withSession = async (
  host: Host,
  options: ProfileOptions,
  { mayBeNew }: { readonly mayBeNew: boolean },
  work: (session: PkiSession) => Promise<number>,
): Promise<number> => {
  const loaded = await requirePlan(host, options)
  if (typeof loaded === 'number') return loaded
  const { plan } = loaded
  const directory = stateDirectory(options.profile, plan.cluster)
  if (!mayBeNew && !(await hasState(host, directory))) {
    const isLost = loaded.lock.cluster?.name === plan.cluster
    const missing = `the cluster ${plan.cluster} has no state in ${directory}`
    await withPlaces(loaded.checked, async () => {
      throw isLost
        ? new EnvironmentFault(
            `${missing}, though the lock knows it`,
            'put the state back from your copy, or by `appliance pki import --state FILE`',
            { code: 'L0101', at: ['cluster', 'name'] },
          )
        : new EnvironmentFault(
            missing,
            'the first `appliance build` makes it; `appliance pki import` takes over a cluster that runs',
          )
    })
  }
  const profileDirectory = dirname(options.profile)
  const secrets = createSecretReader(host, profileDirectory, loaded.checked.literals)
  const context = { readSecret: secrets.read, profileDirectory, ask: options.terminal.ask ?? null }
  const store = createStateStore(host, directory, plan, context)
  return withPlaces(loaded.checked, () =>
    withLock(host, directory, () => work({ plan, loaded, directory, store, context })),
  )
}

/** The state that is there, of the cluster that the lock knows. */
export const readKnown = async (
  host: Host,
  { store, loaded, plan, directory }: PkiSession,
): Promise<StateDocument> => {
  const state = await store.read()
  if (state === undefined) throw new EnvironmentFault(`${directory} holds no state any more`, 'try again')
  checkSameCluster(state.document, store.path, await knownCluster(host, loaded.lock, plan.cluster, directory))
  return state.document
}

/** An imported chain may have no intermediate: its issuing CAs can only be signed where its root is. */
export const checkChangeable = ({ pki }: StateDocument): void => {
  if (pki.form === 'self-signed' || pki.intermediate !== null) return
  throw new EnvironmentFault(
    'the CAs of this cluster stand right below a root that this program has never had',
    'renew them where the root is, then: appliance pki import --from DIR --replace',
  )
}

/** The authority of the user's own, where the profile names one. */
export const ownAuthority = async (
  host: Host,
  { plan, context }: PkiSession,
): Promise<SigningAuthority | undefined> =>
  plan.pki.authority === null
    ? undefined
    : readAuthority(host, plan.pki.authority, { ...context, epoch: plan.epoch })

/** Replaces the state; the one before is kept beside it. Returns the names of the copies. */
export const replaceState = async (
  host: Host,
  { store, loaded, plan, directory }: PkiSession,
  profile: string,
  document: StateDocument,
): Promise<readonly string[]> => {
  await host.files.makeDirectory(directory, 0o700)
  const copies = await store.keepCopies()
  await store.write(document)
  const cluster = { name: plan.cluster, fingerprint: clusterFingerprint(document) }
  await recordCluster(host, profile, loaded.lock, cluster)
  return copies
}
