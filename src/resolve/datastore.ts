import type { Profile } from '../profile/schema.ts'
import type { ArtifactPin } from './pins.ts'
import type { ResolvedDatastore } from './resolved-profile.ts'
import { profileSecret } from './secret-source.ts'
import { resolveSnapshots } from './snapshots.ts'

type Datastore = Profile['cluster']['k3s']['datastore']

/** Certificates that a profile names for its external datastore; they are pinned like every file. */
export const datastoreFiles = (datastore: Datastore): readonly string[] =>
  datastore?.kind === 'external' ? [datastore.ca, datastore.cert].filter((path) => path !== undefined) : []

export const resolveDatastore = (
  datastore: Datastore,
  pinOf: (name: string) => ArtifactPin | undefined,
): ResolvedDatastore => {
  if (datastore?.kind === 'etcd') return { kind: 'etcd', snapshots: resolveSnapshots(datastore, pinOf) }
  if (datastore?.kind !== 'external') return { kind: 'sqlite' }
  const { endpoint, ca, cert, key } = datastore
  if (endpoint === undefined) throw new Error('an external datastore without an endpoint passed validation')
  const at = 'cluster.k3s.datastore'
  const certificate = cert === undefined ? undefined : pinOf(cert)
  return {
    kind: 'external',
    endpoint: profileSecret(`${at}.endpoint`, endpoint),
    ca: ca === undefined ? null : (pinOf(ca) ?? null),
    client:
      certificate === undefined || key === undefined
        ? null
        : { certificate, key: profileSecret(`${at}.key`, key) },
  }
}
