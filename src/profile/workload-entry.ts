import type { Path } from '../diagnostics/yaml/yaml-tree.ts'
import type { Profile } from './schema.ts'

type Images = NonNullable<Profile['images']>
export type Secrets = NonNullable<Exclude<NonNullable<Images['manifests']>[number], string>['secrets']>
export type ChartEntry = NonNullable<Images['charts']>[number]
export type ChartConfigEntry = NonNullable<Images['chartConfigs']>[number]

/** One entry of images.manifests, charts or chartConfigs, and where the profile has it. */
export type WorkloadEntry = { readonly at: Path; readonly secrets: Secrets } & (
  | { readonly kind: 'manifest'; readonly file: string }
  | { readonly kind: 'chart'; readonly chart: ChartEntry }
  | { readonly kind: 'chart-config'; readonly config: ChartConfigEntry }
)

/** In the order of the profile. */
export const workloadEntries = ({ images = {} }: Profile): readonly WorkloadEntry[] => [
  ...(images.manifests ?? []).map((written, index) => ({
    kind: 'manifest' as const,
    at: ['images', 'manifests', index],
    file: typeof written === 'string' ? written : written.file,
    secrets: typeof written === 'string' ? {} : (written.secrets ?? {}),
  })),
  ...(images.charts ?? []).map((chart, index) => ({
    kind: 'chart' as const,
    at: ['images', 'charts', index],
    chart,
    secrets: chart.secrets ?? {},
  })),
  ...(images.chartConfigs ?? []).map((config, index) => ({
    kind: 'chart-config' as const,
    at: ['images', 'chartConfigs', index],
    config,
    secrets: config.secrets ?? {},
  })),
]

/** Known by what it is called: `manifest ./manifests`, `chart podinfo`, `chart-config traefik`. */
export const entryName = (entry: WorkloadEntry): string => {
  switch (entry.kind) {
    case 'manifest':
      return `manifest ${entry.file}`
    case 'chart':
      return `chart ${entry.chart.name}`
    case 'chart-config':
      return `chart-config ${entry.config.name}`
  }
}

/** Where the profile names the file or the thing itself, for faults. */
export const namePath = (entry: WorkloadEntry): Path => {
  if (entry.kind !== 'manifest') return [...entry.at, 'name']
  return Object.keys(entry.secrets).length === 0 ? entry.at : [...entry.at, 'file']
}

/** The values of a chart that hold secrets are a HelmChartConfig of their own; `-` sorts before `.`: k3s reads it first. */
export const chartValuesName = (chart: string): string => `${chart}-values`

export const chartConfigName = (chart: string): string => `${chart}-config`

/** Where a path with one of these endings is a file; any other may be a folder, which is seen when the lock is made. */
export const isManifestFile = (path: string): boolean => /\.(yaml|yml|json)$/.test(path)

/** A path that looks like a file of another kind: `./app.txt`. A folder of such a name is written with a `/` at its end. */
export const isOtherFile = (path: string): boolean =>
  !isManifestFile(path) && /[^/.]\.[A-Za-z0-9]{2,4}$/.test(path)

export const fileNameOf = (path: string): string => path.split('/').at(-1) ?? path

/** k3s names an AddOn after its file, up to the first dot. */
export const addOnName = (path: string): string => fileNameOf(path).split('.')[0] ?? ''

/** AddOns that an entry makes for sure, with its place; those of folders are seen when the lock is made. */
export const addOnsOf = (entry: WorkloadEntry): readonly string[] => {
  switch (entry.kind) {
    case 'manifest':
      return isManifestFile(entry.file) ? [addOnName(entry.file)] : []
    case 'chart':
      return [
        entry.chart.name,
        ...(Object.keys(entry.secrets).length > 0 ? [chartValuesName(entry.chart.name)] : []),
      ]
    case 'chart-config':
      return [chartConfigName(entry.config.name)]
  }
}
