import { parse } from 'yaml'
import type { ChartFault, ChartFiles } from './chart-archive.ts'
import { notAChart } from './chart-archive.ts'

/** What is used of a Chart.yaml (helm.sh/docs/topics/charts, "The Chart.yaml File"). */
export interface ChartMetadata {
  readonly name: string
  readonly version: string
  readonly appVersion: string | undefined
}

type Values = Readonly<Record<string, unknown>>

const isMap = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined

const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

/** YAML of a chart as plain values; undefined where it cannot be read. */
export const chartYaml = (files: ChartFiles, path: string): Values | undefined => {
  try {
    const value: unknown = parse(decode(files.get(path)), { logLevel: 'silent', maxAliasCount: 1000 })
    return isMap(value) ? value : undefined
  } catch {
    return undefined
  }
}

const entriesOf = (value: unknown): readonly Values[] => (Array.isArray(value) ? value.filter(isMap) : [])

/** Charts that are packed below `charts/`, by the names that a dependency may have. */
const bundled = (files: ChartFiles): readonly string[] =>
  [...files.keys()].flatMap((path) => {
    const [, folder] = /^charts\/([^/]+)\/Chart\.yaml$/.exec(path) ?? []
    if (folder !== undefined) return [textOf(chartYaml(files, path)?.['name']) ?? folder]
    const [, archive] = /^charts\/([^/]+)\.tgz$/.exec(path) ?? []
    return archive === undefined ? [] : [archive]
  })

const hasDependency = (names: readonly string[], wanted: string): boolean =>
  names.some(
    (name) => name === wanted || new RegExp(`^${wanted.replace(/[^a-z0-9-]/gi, '.')}-v?\\d`).test(name),
  )

/** Whether k3s can install the chart without any other file; its name and version when it can. */
export const checkChart = (files: ChartFiles): ChartMetadata | ChartFault => {
  if (!files.has('Chart.yaml')) return notAChart('it has no Chart.yaml')
  const chart = chartYaml(files, 'Chart.yaml')
  if (chart === undefined) return notAChart('its Chart.yaml cannot be read')
  const [name, version, apiVersion] = ['name', 'version', 'apiVersion'].map((key) => textOf(chart[key]))
  if (name === undefined || version === undefined || (apiVersion !== 'v1' && apiVersion !== 'v2'))
    return notAChart('its Chart.yaml lacks `apiVersion` (v1 or v2), `name` or `version`')
  if (chart['type'] === 'library')
    return { code: 'L0035', message: `\`${name}\` is a library chart`, help: 'install a chart that uses it' }
  const dependencies =
    apiVersion === 'v2' ? chart['dependencies'] : chartYaml(files, 'requirements.yaml')?.['dependencies']
  const present = bundled(files)
  const missing = entriesOf(dependencies)
    .map((dependency) => textOf(dependency['name']) ?? '')
    .filter((wanted) => !hasDependency(present, wanted))
  if (missing.length > 0)
    return {
      code: 'L0036',
      message: `\`${name}\` needs ${missing.map((wanted) => `\`${wanted}\``).join(', ')}, which its folder charts/ lacks`,
      help: 'run `helm dependency build` in the folder of the chart, and lock again',
    }
  return { name, version, appVersion: textOf(chart['appVersion']) }
}
