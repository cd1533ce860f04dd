import { join } from 'node:path'
import { isMap } from 'yaml'
import { EnvironmentFault } from '../../../diagnostics/fault.ts'
import type { Host } from '../../../host/host.ts'
import type { ChartEntry } from '../../../profile/workload-entry.ts'
import type { AskedImage } from '../../workloads/asked-image.ts'
import { scanImages } from '../../workloads/image-scan.ts'
import { nodeAt, parseUserYaml, textAt } from '../../workloads/user-yaml.ts'

export type Rendered =
  | { readonly kind: 'rendered'; readonly images: readonly AskedImage[] }
  | { readonly kind: 'no-helm' }
  /** What helm said. */
  | { readonly kind: 'refused'; readonly why: string }

/** A chart that takes longer is not waited for. */
const timeoutMs = 120_000

/** Groups that every k3s has beside those of Kubernetes, as charts ask for them (`.Capabilities.APIVersions.Has`). */
const ownApis = [
  'helm.cattle.io/v1',
  'helm.cattle.io/v1/HelmChart',
  'helm.cattle.io/v1/HelmChartConfig',
  'k3s.cattle.io/v1',
  'k3s.cattle.io/v1/Addon',
]

/**
 * As the Helm controller hands on `set` of a HelmChart (k3s-io/helm-controller, typedVal): what looks like a truth value, null or a
 * whole number is one, everything else a text. A comma and a backslash have a meaning for both flags.
 */
const setArgument = ([key, value]: readonly [string, unknown]): readonly string[] => [
  /^(true|false|null)$/i.test(String(value)) || Number.isInteger(value) ? '--set' : '--set-string',
  `${key}=${String(value).replace(/[\\,]/g, '\\$&')}`,
]

/** helm.sh/docs/helm/helm_template. `k3sVersion`: `v1.33.1+k3s1`, which is what the API of such a cluster says of itself. */
export const helmArgv = (
  chart: ChartEntry,
  archive: string,
  values: string | null,
  k3sVersion: string,
): readonly string[] => [
  'helm',
  'template',
  chart.name,
  archive,
  ...['--namespace', chart.namespace ?? 'default'],
  '--include-crds',
  ...['--kube-version', k3sVersion],
  ...ownApis.flatMap((api) => ['--api-versions', api]),
  ...(values === null ? [] : ['--values', values]),
  ...Object.entries(chart.set ?? {}).flatMap(setArgument),
]

const isTest = (document: Parameters<typeof textAt>[0]): boolean => {
  const annotations = nodeAt(document, ['metadata', 'annotations'])
  return (
    isMap(annotations) &&
    /(^|,)\s*test(-success|-failure)?\s*(,|$)/.test(
      textAt(document, ['metadata', 'annotations', 'helm.sh/hook']) ?? '',
    )
  )
}

/** Images in what `helm template` printed, with the template each comes from. Objects for `helm test` are not deployed. */
export const imagesOfRendered = (chart: string, text: string): readonly AskedImage[] =>
  text.split(/^---[ \t]*$/m).flatMap((part) => {
    const [, source] = /^# Source: [^/\n]+\/(.+)$/m.exec(part) ?? []
    const by = `chart ${chart}${source === undefined ? '' : `, ${source.trim()}`}`
    const [documents] = parseUserYaml({ path: by, text: part })
    return documents
      .filter((document) => !isTest(document))
      .flatMap((document) => scanImages(document).map(({ offset: _, ...image }) => ({ ...image, by })))
  })

/** What helm said, without what it says to those who write charts. */
const reasonIn = (stderr: string): string => {
  const lines = stderr.split('\n').map((line) => line.trim())
  const told = lines.filter((line) => line !== '' && !line.startsWith('Use --debug'))
  const from = told.findLastIndex((line) => line.startsWith('Error: '))
  return told
    .slice(Math.max(from, 0))
    .slice(0, 3)
    .join(' ')
    .replace(/^Error: /, '')
}

/** Renders a chart as k3s would, with the user's values. */
export const renderChart = async (
  host: Host,
  work: string,
  chart: ChartEntry,
  packed: Uint8Array,
  values: string | null,
  k3sVersion: string,
): Promise<Rendered> => {
  const archive = join(work, 'chart.tgz')
  const valuesFile = join(work, 'values.yaml')
  await host.files.writeAtomic(archive, packed)
  if (values !== null) await host.files.writeAtomic(valuesFile, values)
  const argv = helmArgv(chart, archive, values === null ? null : valuesFile, k3sVersion)
  try {
    const { stdout, stderr, exitCode } = await host.exec(argv, {
      cwd: work,
      env: { HOME: work, HELM_NO_PLUGINS: '1' },
      okCodes: [0, 1],
      timeoutMs,
      doing: `render the chart ${chart.name}`,
    })
    if (exitCode === 0) return { kind: 'rendered', images: imagesOfRendered(chart.name, stdout) }
    return { kind: 'refused', why: reasonIn(stderr) }
  } catch (error) {
    if (error instanceof EnvironmentFault && error.message.includes('is not installed'))
      return { kind: 'no-helm' }
    throw error
  }
}
