import { dirname, join } from 'node:path'
import { EnvironmentFault } from '../diagnostics/fault.ts'
import { decodeText } from '../diagnostics/yaml/decode-text.ts'
import type { Host } from '../host/host.ts'
import type { SecretReader } from '../materialise/secrets/reader.ts'
import type { KnownCluster } from '../materialise/state/known-cluster.ts'
import { checkMayBeNew } from '../materialise/state/known-cluster.ts'
import type { ClusterState } from '../materialise/state/state.ts'
import { openState } from '../materialise/state/state.ts'
import { hasState, stateFile } from '../materialise/state/state-store.ts'
import type { Lock } from '../resolve/lock.ts'
import { parseLock, printLock } from '../resolve/lock-file.ts'
import { endingSoon, endingText } from './expiry.ts'
import type { LoadedPlan } from './load-plan.ts'
import { lockPathOf } from './load-profile.ts'
import { withPlaces } from './place-fault.ts'
import type { Terminal } from './terminal.ts'

/** `.appliance/<cluster>/` beside the profile. */
export const stateDirectory = (profilePath: string, cluster: string): string =>
  join(dirname(profilePath), '.appliance', cluster)

export interface StateRequest {
  readonly profile: string
  /** Where images go (`-o`): a record of an earlier build there tells of a cluster, too. */
  readonly output: string
  readonly newCluster: boolean
  readonly terminal: Terminal
}

/** What the lock and the output folder know of the cluster, were its state lost. */
export const knownCluster = async (
  host: Host,
  lock: Lock,
  cluster: string,
  output: string,
): Promise<KnownCluster> => {
  const record = join(output, cluster, 'build.json')
  return {
    fingerprint: lock.cluster?.name === cluster ? lock.cluster.fingerprint : null,
    builtAs: (await host.files.stat(record)) === undefined ? null : record,
  }
}

/** Writes the fingerprint of a cluster into its lock, unless it is there. A lock that cannot be written is no reason to stop. */
export const recordCluster = async (
  host: Host,
  profile: string,
  lock: Lock,
  cluster: { readonly name: string; readonly fingerprint: string },
): Promise<void> => {
  if (lock.cluster?.name === cluster.name && lock.cluster.fingerprint === cluster.fingerprint) return
  const path = lockPathOf(profile)
  try {
    // Since it was read, `appliance lock` may have written other pins: a passphrase is asked for in between.
    const bytes = await host.files.readBytes(path)
    const [text] = bytes === undefined ? [] : decodeText(path, bytes)
    const [present = lock] = text === undefined ? [] : parseLock(text)
    await host.files.writeAtomic(path, printLock({ ...present, cluster }), { durable: true })
  } catch (fault) {
    if (!(fault instanceof EnvironmentFault)) throw fault
    host.report.warn(`${path} cannot be written: it does not know this cluster, should its state get lost`)
  }
}

/** Before anything is written or fetched: that a missing state would not become a second cluster under an old name. */
export const checkState = async (
  host: Host,
  { plan, lock, checked }: LoadedPlan,
  request: StateRequest,
): Promise<void> => {
  const directory = stateDirectory(request.profile, plan.cluster)
  if (request.newCluster || (await hasState(host, directory))) return
  const known = await knownCluster(host, lock, plan.cluster, request.output)
  await withPlaces(checked, async () =>
    checkMayBeNew(plan.cluster, join(directory, stateFile(plan.stateProtection)), known),
  )
}

/** Opens or makes the state of a profile's cluster, under its lock, and tells what of it ends soon. */
export const openClusterState = async (
  host: Host,
  { plan, lock, checked }: LoadedPlan,
  secrets: SecretReader,
  request: StateRequest,
): Promise<ClusterState> => {
  const { profile, output, newCluster, terminal } = request
  const known = await knownCluster(host, lock, plan.cluster, output)
  const state = await withPlaces(checked, () =>
    openState(host, stateDirectory(profile, plan.cluster), plan, {
      readSecret: secrets.read,
      profileDirectory: dirname(profile),
      ask: terminal.ask ?? null,
      known,
      newCluster,
    }),
  )
  await recordCluster(host, profile, lock, { name: plan.cluster, fingerprint: state.fingerprint })
  for (const row of endingSoon(state.document(), host.now())) host.report.warn(endingText(row))
  return state
}
