import { packagedComponents } from '../k3s-keys.ts'
import { workloadEntries } from '../workload-entry.ts'
import type { Rule } from './context.ts'
import { faultAt } from './context.ts'

/** Charts are installed by k3s's Helm controller alone. */
export const helmControllerRuns: Rule = (context) => {
  if (context.profile.cluster.k3s.config?.['disable-helm-controller'] !== true) return []
  const off = ['cluster', 'k3s', 'config', 'disable-helm-controller']
  return workloadEntries(context.profile)
    .filter(({ kind }) => kind !== 'manifest')
    .map(({ at }) =>
      faultAt(context, 'R1601', [...at, 'name'], 'nobody would install this chart', {
        help: 'leave `disable-helm-controller` out',
        related: [{ path: off, note: 'the Helm controller is switched off here' }],
      }),
    )
}

/** A HelmChartConfig is for a chart that something else deploys. */
export const configuredCharts: Rule = (context) => {
  const { images, cluster } = context.profile
  const { recipes } = context
  return (images?.chartConfigs ?? []).flatMap(({ name }, index) => {
    const at = ['images', 'chartConfigs', index, 'name']
    const own = (images?.charts ?? []).findIndex((chart) => chart.name === name)
    if (own !== -1)
      return [
        faultAt(context, 'R1602', at, `\`${name}\` is a chart of this profile`, {
          help: 'put the values under `values` of the chart itself',
          related: [{ path: ['images', 'charts', own, 'name'], note: 'the chart' }],
        }),
      ]
    const disabled = (cluster.k3s.disable ?? []).indexOf(name)
    if (disabled === -1 || !packagedComponents(recipes.k3s).includes(name)) return []
    return [
      faultAt(context, 'R1602', at, `\`${name}\` is disabled`, {
        help: 'remove one of the two',
        related: [{ path: ['cluster', 'k3s', 'disable', disabled], note: 'disabled here' }],
      }),
    ]
  })
}

/** Names that may stand as `${name}`: shells use other forms for their own variables. */
const secretName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/

export const secretNames: Rule = (context) =>
  workloadEntries(context.profile).flatMap(({ at, secrets }) =>
    Object.keys(secrets)
      .filter((name) => !secretName.test(name))
      .map((name) =>
        faultAt(context, 'R1603', [...at, 'secrets', name], `\`${name}\` cannot stand as \`\${${name}}\``, {
          part: 'key',
          help: 'use lower-case letters, digits and `-`',
        }),
      ),
  )

/** Secrets of a chart stand in its values file. */
export const secretsHaveValues: Rule = (context) =>
  (context.profile.images?.charts ?? []).flatMap(({ values, secrets = {} }, index) =>
    values === undefined && Object.keys(secrets).length > 0
      ? [
          faultAt(
            context,
            'R1604',
            ['images', 'charts', index, 'secrets'],
            'no file could hold these secrets',
            {
              part: 'key',
              help: 'name a file under `values` in which they stand as `${name}`',
            },
          ),
        ]
      : [],
  )

/** An admission plugin that has every image asked of its registry. */
export const noAlwaysPull: Rule = (context) => {
  const { images, cluster } = context.profile
  if (images?.pulled?.includes('*') === true) return []
  const written = cluster.k3s.config?.['kube-apiserver-arg']
  const list: readonly unknown[] = Array.isArray(written) ? written : [written]
  return list.flatMap((argument, index) => {
    if (
      typeof argument !== 'string' ||
      !/^(--)?enable-admission-plugins=(.*,)?AlwaysPullImages(,|$)/.test(argument)
    )
      return []
    const at = ['cluster', 'k3s', 'config', 'kube-apiserver-arg']
    return [
      faultAt(
        context,
        'R1611',
        Array.isArray(written) ? [...at, index] : at,
        'no image on board would be used without a registry',
        {
          severity: 'warning',
          help: 'leave `AlwaysPullImages` out, or say `pulled: ["*"]` under `images` where every node reaches the registries',
        },
      ),
    ]
  })
}
