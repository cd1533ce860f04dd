import { createHash } from 'node:crypto'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import { caHash } from '../pki/ca-hash.ts'
import type { StateDocument } from './state-file.ts'

/** What is known of a cluster outside its state: nothing of it is secret. */
export interface KnownCluster {
  /** Of the cluster that the lock was last used for; null when it was used for none of this name. */
  readonly fingerprint: string | null
  /** An earlier build's record in the output folder, when there is one. */
  readonly builtAs: string | null
}

export const unknownCluster: KnownCluster = { fingerprint: null, builtAs: null }

/**
 * Tells clusters of one name apart: the hash that tokens pin, and when the state was made (an authority of the user's own
 * may stand above several clusters). 16 bytes of sha256, hex.
 */
export const clusterFingerprint = ({ pki, created }: Pick<StateDocument, 'pki' | 'created'>): string =>
  createHash('sha256')
    .update(`${caHash(pki.authorities['server-ca'].crt)} ${created}`)
    .digest('hex')
    .slice(0, 32)

/** Before a new state is made: that it would not be a second cluster under an old name. */
export const checkMayBeNew = (
  cluster: string,
  path: string,
  { fingerprint, builtAs }: KnownCluster,
): void => {
  if (fingerprint === null && builtAs === null) return
  const why =
    fingerprint === null
      ? `${builtAs} is of an earlier build of the cluster ${cluster}`
      : `the lock knows the cluster ${cluster} (fingerprint ${fingerprint})`
  throw new EnvironmentFault(
    `${why}, but its state ${path} is missing: this would make a new cluster that no node of the old one can join`,
    'put the state back from your copy; if the old cluster is given up: appliance build --new-cluster',
    { code: 'L0101', at: ['cluster', 'name'] },
  )
}

/** A state that is there must be of the cluster that the lock was used for. */
export const checkSameCluster = (document: StateDocument, path: string, known: KnownCluster): void => {
  const own = clusterFingerprint(document)
  const { fingerprint } = known
  if (fingerprint === null || fingerprint === own || document.formerFingerprints?.includes(fingerprint))
    return
  throw new EnvironmentFault(
    `the state ${path} is of another cluster ${document.cluster} (fingerprint ${own}) than the lock (${fingerprint})`,
    'put back the state, or the lock, that belongs here; if the old cluster is given up: appliance build --new-cluster',
    { code: 'L0102', at: ['cluster', 'name'] },
  )
}

/** A document with other certificates, which remembers what it was known by. */
export const withPki = (document: StateDocument, pki: StateDocument['pki']): StateDocument => {
  const before = clusterFingerprint(document)
  const after = { ...document, pki }
  const former = [...(document.formerFingerprints ?? []), before]
  return clusterFingerprint(after) === before ? after : { ...after, formerFingerprints: [...new Set(former)] }
}
