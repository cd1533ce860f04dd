import { pathText } from '../diagnostics/yaml/yaml-tree.ts'
import type { Profile } from '../profile/schema.ts'
import { snapshotSettings } from '../profile/snapshot-keys.ts'
import type { ArtifactPin } from './pins.ts'
import type { ResolvedSnapshots } from './resolved-profile.ts'
import type { WrittenReference } from './secret-source.ts'
import { profileSecret } from './secret-source.ts'

const at = ['cluster', 'k3s', 'datastore', 'snapshots']

/** Of parts whose key of config.yaml takes another value than the profile has. */
const plainValue = (path: readonly string[], value: unknown): unknown => {
  switch (path.join('.')) {
    case 'enabled':
      return value === false
    case 's3':
      return true
    case 's3.accessKey':
    case 's3.secretKey':
      return { secret: profileSecret(pathText([...at, ...path]), value as WrittenReference) }
    default:
      return value
  }
}

/** What is left out stays k3s's own default and is not written. */
export const resolveSnapshots = (
  datastore: Profile['cluster']['k3s']['datastore'],
  pinOf: (name: string) => ArtifactPin | undefined,
): ResolvedSnapshots => {
  const snapshots = datastore?.snapshots ?? {}
  const ca = snapshots.s3?.ca
  return {
    config: Object.fromEntries(
      snapshotSettings(snapshots)
        .filter(({ path, value }) => path.join('.') !== 's3.ca' && !(path[0] === 'enabled' && value === true))
        .map(({ path, key, value }) => [key, plainValue(path, value)]),
    ),
    s3Ca: ca === undefined ? null : (pinOf(ca) ?? null),
  }
}
