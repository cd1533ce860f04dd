import { isMap } from 'yaml'
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts'
import type { SourceFile } from '../../../diagnostics/source-file.ts'
import { decodeText } from '../../../diagnostics/yaml/decode-text.ts'
import type { WorkloadEntry } from '../../../profile/workload-entry.ts'
import { chartConfigName, chartValuesName } from '../../../profile/workload-entry.ts'
import { checkChart } from '../../workloads/chart.ts'
import type { ChartFiles } from '../../workloads/chart-archive.ts'
import { packChart, unpackChart } from '../../workloads/chart-archive.ts'
import { hashOf } from '../../workloads/hash.ts'
import { helmChart, helmChartConfig } from '../../workloads/helm-chart.ts'
import type { LockedManifest, TemplatePart } from '../../workloads/locked-workloads.ts'
import { readTemplate } from '../../workloads/placeholders.ts'
import { parseUserYaml } from '../../workloads/user-yaml.ts'
import type { ReadEntry, StoreBytes } from './read-entry.ts'
import { mostTemplateBytes, nothingRead, stored } from './read-entry.ts'
import type { UserFile, UserFolder } from './user-files.ts'
import { faultIn, listFiles, pathOf, readUserFile } from './user-files.ts'

type ChartEntry = Extract<WorkloadEntry, { readonly kind: 'chart' }>
type ConfigEntry = Extract<WorkloadEntry, { readonly kind: 'chart-config' }>

/** A HelmChart with its chart in it must be an object that etcd takes; a larger chart is handed out by the servers. */
const mostChartObjectBytes = 1_000_000

const isFault = (value: object): value is Diagnostic => 'severity' in value

/** The folder of a chart as the files in it; names that begin with a dot stay behind. */
const readFolder = async (
  user: UserFolder,
  { at, chart }: ChartEntry,
): Promise<{ readonly files: readonly UserFile[]; readonly content: ChartFiles } | Diagnostic> => {
  const files: UserFile[] = []
  for (const name of await listFiles(user, chart.file)) {
    const file = await readUserFile(user, name, [...at, 'file'])
    if (isFault(file)) return file
    files.push(file)
  }
  const prefix = `${chart.file.replace(/\/+$/, '')}/`
  return { files, content: new Map(files.map(({ name, bytes }) => [name.slice(prefix.length), bytes])) }
}

interface Chart {
  readonly read: NonNullable<ReadEntry['chart']>
  readonly files: readonly UserFile[]
}

const readChartFiles = async (user: UserFolder, entry: ChartEntry): Promise<Chart | Diagnostic> => {
  const at = [...entry.at, 'file']
  const { file: name } = entry.chart
  const folder = (await user.files.stat(pathOf(user, name)))?.isDirectory === true
  const found = folder ? await readFolder(user, entry) : await readUserFile(user, name, at)
  if (isFault(found)) return found
  const content = 'content' in found ? found.content : await unpackChart(found.bytes)
  const metadata = 'code' in content ? content : checkChart(content)
  if ('code' in metadata || 'code' in content) {
    const fault =
      'code' in content ? content : (metadata as Extract<typeof metadata, { readonly code: string }>)
    return faultIn(user, fault.code, at, `${pathOf(user, name)}: ${fault.message}`, fault.help)
  }
  const packed = 'content' in found ? await packChart(metadata.name, content) : found.bytes
  const files = 'content' in found ? found.files : [found]
  return { read: { metadata, files: content, packed, values: undefined, shownValues: null }, files }
}

/** A values file: one document, a map. */
const readValues = async (
  user: UserFolder,
  name: string,
  at: WorkloadEntry['at'],
): Promise<{ readonly file: UserFile; readonly source: SourceFile } | readonly Diagnostic[]> => {
  const file = await readUserFile(user, name, [...at, 'values'])
  if (isFault(file)) return [file]
  const path = pathOf(user, name)
  if (file.bytes.length > mostTemplateBytes * 8)
    return [
      faultIn(
        user,
        'L0037',
        [...at, 'values'],
        `${path} has ${file.bytes.length} bytes`,
        'leave out what is as in the chart',
      ),
    ]
  const [source, decodeFaults] = decodeText(path, file.bytes)
  if (source === undefined) return decodeFaults.map((fault) => ({ ...fault, code: 'L0030' as const }))
  const [documents, faults] = parseUserYaml(source)
  if (faults.length > 0) return faults
  const [document] = documents
  if (
    documents.length > 1 ||
    (document !== undefined && document.contents !== null && !isMap(document.contents))
  )
    return [
      {
        code: 'L0030',
        severity: 'error',
        message: 'a values file holds one map',
        range: { file: source, start: 0, end: 0 },
      },
    ]
  return { file, source }
}

const templateOf = (
  user: UserFolder,
  { at, secrets }: WorkloadEntry,
  source: SourceFile,
): readonly [readonly TemplatePart[] | undefined, readonly Diagnostic[]] => {
  const declared = Object.keys(secrets)
  if (declared.length === 0) return [[source.text], []]
  if (source.text.length > mostTemplateBytes)
    return [
      undefined,
      [
        faultIn(
          user,
          'L0037',
          [...at, 'values'],
          `${source.path} has ${source.text.length} characters; a file with secrets has at most ${mostTemplateBytes}`,
          'leave out what is as in the chart',
        ),
      ],
    ]
  return readTemplate(source, declared)
}

/** In the place of a secret, for whoever renders the chart. */
const shownSecret = (as: 'text' | 'json' | 'base64'): string =>
  ({ text: 'secret', json: '"secret"', base64: 'c2VjcmV0' })[as]

/** An entry of images.charts: the chart itself, the HelmChart for it, and its values where they hold secrets. */
export const readChart = async (
  user: UserFolder,
  store: StoreBytes,
  entry: ChartEntry,
): Promise<ReadEntry> => {
  const { chart, at } = entry
  const found = await readChartFiles(user, entry)
  const values = chart.values === undefined ? undefined : await readValues(user, chart.values, at)
  const faults = [
    ...(isFault(found) ? [found] : []),
    ...(values !== undefined && 'length' in values ? values : []),
  ]
  if (isFault(found) || (values !== undefined && 'length' in values)) return nothingRead(faults)
  const hasSecrets = Object.keys(entry.secrets).length > 0 && values !== undefined
  const [template, templateFaults] = hasSecrets ? templateOf(user, entry, values.source) : [[], []]
  if (template === undefined) return nothingRead(templateFaults)
  const { packed } = found.read
  const plainValues = values === undefined || hasSecrets ? null : values.source.text
  const whole = helmChart(chart, { kind: 'content', bytes: packed }, plainValues)
  const isServed = whole.length > mostChartObjectBytes
  const servedName = `${chart.name}-${hashOf(packed).slice(0, 12)}.tgz`
  const object = isServed ? helmChart(chart, { kind: 'served', fileName: servedName }, plainValues) : whole
  const manifests: LockedManifest[] = [
    {
      fileName: `${chart.name}.yaml`,
      content: await stored(store, `HelmChart ${chart.name}`, new TextEncoder().encode(object)),
    },
  ]
  if (hasSecrets)
    manifests.push({
      fileName: `${chartValuesName(chart.name)}.yaml`,
      content: { kind: 'template', parts: helmChartConfig(chart.name, template, undefined) },
    })
  const shown = hasSecrets
    ? template.map((part) => (typeof part === 'string' ? part : shownSecret(part.as))).join('')
    : plainValues
  return {
    manifests,
    served: isServed ? [await store(servedName, packed)] : [],
    files: [...found.files, ...(values === undefined ? [] : [values.file])],
    objects: [],
    chart: { ...found.read, values: values?.source, shownValues: shown },
    images: [],
    faults: [],
  }
}

/** An entry of images.chartConfigs: a HelmChartConfig. */
export const readChartConfig = async (
  user: UserFolder,
  store: StoreBytes,
  entry: ConfigEntry,
): Promise<ReadEntry> => {
  const { config, at } = entry
  const values = await readValues(user, config.values, at)
  if ('length' in values) return nothingRead(values)
  const [template, faults] = templateOf(user, entry, values.source)
  if (template === undefined) return nothingRead(faults)
  const parts = helmChartConfig(config.name, template, config.failurePolicy)
  const text = parts.every((part) => typeof part === 'string') ? parts.join('') : undefined
  return {
    ...nothingRead([]),
    manifests: [
      {
        fileName: `${chartConfigName(config.name)}.yaml`,
        content:
          text === undefined
            ? { kind: 'template', parts }
            : await stored(store, `HelmChartConfig ${config.name}`, new TextEncoder().encode(text)),
      },
    ],
    files: [values.file],
  }
}
