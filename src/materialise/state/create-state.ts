import { Buffer } from 'node:buffer'
import type { Host } from '../../host/host.ts'
import type { BuildPlan } from '../../plan/build-plan.ts'
import { makeClusterPki } from '../pki/cluster-pki.ts'
import { readAuthority } from '../pki/read-authority.ts'
import type { StateDocument } from './state-file.ts'
import type { KeyContext } from './state-keys.ts'

const hex = (host: Host, length: number): string => Buffer.from(host.randomBytes(length)).toString('hex')

/** What every cluster has beside its certificates. */
export const newIdentity = (host: Host, cluster: string): Omit<StateDocument, 'pki'> => ({
  stateVersion: 1,
  cluster,
  created: new Date(host.now()).toISOString(),
  tokens: { server: hex(host, 16), agent: hex(host, 16) },
  bootstrapTokens: [],
  clusterSecret: hex(host, 32),
  clients: [],
})

/** A new cluster. `context` reads the key of an authority of the user's own. */
export const createState = async (
  host: Host,
  plan: Pick<BuildPlan, 'cluster' | 'pki'> & Partial<Pick<BuildPlan, 'epoch'>>,
  context: KeyContext,
): Promise<StateDocument> => {
  const { authority } = plan.pki
  const own =
    authority === null ? undefined : await readAuthority(host, authority, { ...context, epoch: plan.epoch })
  return { ...newIdentity(host, plan.cluster), pki: await makeClusterPki(plan, host, own) }
}
