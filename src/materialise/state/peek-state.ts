import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import type { BuildPlan } from '../../plan/build-plan.ts'
import type { StateDocument } from './state-file.ts'
import type { KeyContext } from './state-keys.ts'
import { createStateStore, hasState } from './state-store.ts'

export type PeekedState =
  | { readonly kind: 'none' }
  /** It is there and stays closed: nothing at hand opens it without asking, or it is no good. */
  | { readonly kind: 'closed'; readonly why: string }
  | { readonly kind: 'open'; readonly document: StateDocument }

/** A look at a state by a command that needs nothing of it: asks nobody, starts no program, writes nothing, never fails. */
export const peekState = async (
  host: Host,
  directory: string,
  plan: Pick<BuildPlan, 'cluster' | 'stateProtection'>,
  { readSecret, profileDirectory }: Pick<KeyContext, 'readSecret' | 'profileDirectory'>,
): Promise<PeekedState> => {
  if (!(await hasState(host, directory))) return { kind: 'none' }
  const store = createStateStore(host, directory, plan, {
    profileDirectory,
    ask: null,
    readSecret: (secret) =>
      'exec' in secret.source || 'sops' in secret.source
        ? Promise.reject(new EnvironmentFault(`${secret.at} is read by a program`, 'it is started by build'))
        : readSecret(secret),
  })
  try {
    const state = await store.read()
    return state === undefined ? { kind: 'none' } : { kind: 'open', document: state.document }
  } catch (fault) {
    if (!(fault instanceof EnvironmentFault)) throw fault
    return { kind: 'closed', why: fault.code === 'L0103' ? 'it is encrypted' : fault.message }
  }
}
