import type { Profile } from './schema.ts'

export type ProfileSnapshots = NonNullable<NonNullable<Profile['cluster']['k3s']['datastore']>['snapshots']>

/**
 * Keys of config.yaml (docs.k3s.io/cli/etcd-snapshot) that each part of `datastore.snapshots` becomes, by its path below
 * there.
 */
const keyOfPath: Readonly<Record<string, string>> = {
  enabled: 'etcd-disable-snapshots',
  schedule: 'etcd-snapshot-schedule-cron',
  retention: 'etcd-snapshot-retention',
  compress: 'etcd-snapshot-compress',
  dir: 'etcd-snapshot-dir',
  s3: 'etcd-s3',
  's3.endpoint': 'etcd-s3-endpoint',
  's3.bucket': 'etcd-s3-bucket',
  's3.region': 'etcd-s3-region',
  's3.folder': 'etcd-s3-folder',
  's3.ca': 'etcd-s3-endpoint-ca',
  's3.insecure': 'etcd-s3-insecure',
  's3.accessKey': 'etcd-s3-access-key',
  's3.secretKey': 'etcd-s3-secret-key',
  's3.retention': 'etcd-s3-retention',
}

/** A part that the profile sets, and the key that it becomes. */
export interface SnapshotSetting {
  /** Below `datastore.snapshots`. */
  readonly path: readonly string[]
  readonly key: string
  readonly value: unknown
}

export const snapshotSettings = (snapshots: ProfileSnapshots): readonly SnapshotSetting[] =>
  Object.entries(keyOfPath).flatMap(([text, key]) => {
    const path = text.split('.')
    const value = path.reduce<unknown>(
      (part, name) => (part as Readonly<Record<string, unknown>> | undefined)?.[name],
      snapshots,
    )
    return value === undefined ? [] : [{ path, key, value }]
  })
