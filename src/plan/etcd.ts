import type { InstallEntry } from './build-plan.ts'
import type { K3sConfigPart } from './k3s-config.ts'
import type { SeedPart } from './seed-files.ts'

const s3CaFile = '/var/lib/appliance/etcd-s3-ca.crt'

/** Snapshots are taken by every server of its own member; agents know none of these keys. */
export const snapshotConfig: K3sConfigPart = ({ cluster: { datastore } }, { role }) => {
  if (datastore.kind !== 'etcd' || role !== 'server') return {}
  const { config, s3Ca } = datastore.snapshots
  return { ...config, ...(s3Ca === null ? {} : { 'etcd-s3-endpoint-ca': s3CaFile }) }
}

export const snapshotFiles: SeedPart = ({ cluster: { datastore } }, { role }): readonly InstallEntry[] =>
  datastore.kind !== 'etcd' || role !== 'server' || datastore.snapshots.s3Ca === null
    ? []
    : [
        {
          target: s3CaFile,
          mode: 0o644,
          content: { kind: 'artifact', artifact: datastore.snapshots.s3Ca },
        },
      ]
