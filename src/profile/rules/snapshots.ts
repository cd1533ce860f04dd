import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { isSchedule } from '../cron.ts'
import { absenceHelp } from '../k3s-keys.ts'
import { k3sSettings } from '../k3s-settings.ts'
import { snapshotSettings } from '../snapshot-keys.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'
import { releaseOf } from './k3s.ts'

const at = ['cluster', 'k3s', 'datastore', 'snapshots']

const snapshotsOf = ({ profile }: RuleContext) => profile.cluster.k3s.datastore?.snapshots

export const snapshotsOfEtcd: Rule = (context) => {
  const { datastore } = context.profile.cluster.k3s
  if (datastore?.snapshots === undefined || datastore.kind === 'etcd') return []
  if (!context.isSound(['cluster', 'k3s', 'datastore', 'kind'])) return []
  return [
    faultAt(
      context,
      'R1206',
      at,
      `k3s takes no snapshots of ${datastore.kind === 'external' ? 'an external datastore' : datastore.kind}`,
      {
        part: 'key',
        help: 'remove it, or set `kind: etcd`',
        related: [{ path: ['cluster', 'k3s', 'datastore', 'kind'], note: 'the datastore' }],
      },
    ),
  ]
}

/** One key of config.yaml from two places of the profile: neither may win silently. */
export const snapshotsSaidOnce: Rule = (context) =>
  snapshotSettings(snapshotsOf(context) ?? {}).flatMap(({ path, key }) =>
    k3sSettings(context)
      .filter(({ name }) => name === key)
      .map(({ path: other }) =>
        faultAt(context, 'R1207', other, `\`${key}\` is said by \`datastore.snapshots\` already`, {
          part: 'key',
          secret: other,
          help: 'keep one of the two',
          related: [{ path: [...at, ...path], note: 'said here' }],
        }),
      ),
  )

export const snapshotSchedule: Rule = (context) => {
  const { schedule } = snapshotsOf(context) ?? {}
  if (schedule === undefined || isSchedule(schedule)) return []
  return [
    faultAt(context, 'R1208', [...at, 'schedule'], `\`${schedule}\` is no schedule`, {
      help: 'write five fields such as `0 */6 * * *`, or `@daily`, or `@every 6h`',
    }),
  ]
}

/** Root is read-only, and of what is not, only `/var` outlives a restart. */
export const snapshotFolder: Rule = (context) => {
  const { dir } = snapshotsOf(context) ?? {}
  if (dir === undefined) return []
  const parts = dir.split('/').slice(1)
  const isPlain = dir.startsWith('/') && parts.every((part) => part !== '' && part !== '.' && part !== '..')
  const own = '/var/lib/rancher/k3s/server/db/snapshots'
  const isForeign =
    dir !== own &&
    !dir.startsWith(`${own}/`) &&
    /^\/var\/(lib\/(rancher|kubelet|appliance)|run)(\/|$)/.test(dir)
  if (isPlain && parts[0] === 'var' && parts.length > 1 && !isForeign) return []
  return [
    faultAt(context, 'R1209', [...at, 'dir'], `\`${dir}\` is no folder for snapshots`, {
      help: isForeign
        ? 'use a folder of your own, such as `/var/lib/snapshots`'
        : 'write the whole path of a folder below `/var`, such as `/var/lib/snapshots`',
    }),
  ]
}

export const snapshotKeys: Rule = (context): readonly Diagnostic[] => {
  const s3 = snapshotsOf(context)?.s3
  if (s3 === undefined || !context.isSound([...at, 's3'])) return []
  if ((s3.accessKey === undefined) === (s3.secretKey === undefined)) return []
  const [present, missing] =
    s3.accessKey === undefined ? (['secretKey', 'accessKey'] as const) : (['accessKey', 'secretKey'] as const)
  return [
    faultAt(context, 'R1210', [...at, 's3', present], `\`${present}\` without \`${missing}\``, {
      part: 'key',
      help: `add \`${missing}\`, or remove both where the service lets the machine in without`,
    }),
  ]
}

export const snapshotRelease: Rule = (context) => {
  const { version } = context.profile.cluster.k3s
  if (!context.isSound(['cluster', 'k3s', 'version'])) return []
  const release = releaseOf(context)
  return snapshotSettings(snapshotsOf(context) ?? {}).flatMap(({ path, key }) => {
    const entry = context.recipes.k3s.keys.get(key)
    const why = entry === undefined ? undefined : absenceHelp(entry, release)
    if (why === undefined) return []
    return [
      faultAt(context, 'R1211', [...at, ...path], `k3s ${version} has no \`${key}\``, {
        part: 'key',
        help: `${why}: use a newer release, or remove it`,
        related: [{ path: ['cluster', 'k3s', 'version'], note: 'the release' }],
      }),
    ]
  })
}
