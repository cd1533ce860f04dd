import { stringify } from 'yaml'
import type { ChartConfigEntry, ChartEntry } from '../../profile/workload-entry.ts'
import type { TemplatePart } from './locked-workloads.ts'
import { joinTexts } from './locked-workloads.ts'

/** Where the Helm controller looks: HelmCharts and HelmChartConfigs of k3s's own are here too (docs.k3s.io/add-ons/helm). */
const metadata = (name: string) => ({ name, namespace: 'kube-system' })

/** As Go's YAML readers take it: no aliases, no folded lines. */
const toYaml = (value: unknown): string =>
  stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })

export type ChartSource =
  /** The packed chart itself. */
  | { readonly kind: 'content'; readonly bytes: Uint8Array }
  /** Name of a file below `server/static/charts` of every server. */
  | { readonly kind: 'served'; readonly fileName: string }

const sourceOf = (source: ChartSource): object =>
  source.kind === 'content'
    ? { chartContent: Buffer.from(source.bytes).toString('base64') }
    : { chart: `https://%{KUBERNETES_API}%/static/charts/${source.fileName}` }

/** `set` of a HelmChart holds texts and numbers. */
const setOf = (values: NonNullable<ChartEntry['set']>): object =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Number.isInteger(value) ? value : String(value)]),
  )

/** The HelmChart (helm.cattle.io/v1) of an entry of images.charts. `values`: null where none, or where they hold secrets. */
export const helmChart = (entry: ChartEntry, source: ChartSource, values: string | null): string => {
  const {
    namespace,
    createNamespace = namespace !== undefined,
    set,
    bootstrap,
    timeout,
    backOffLimit,
    failurePolicy,
  } = entry
  return toYaml({
    apiVersion: 'helm.cattle.io/v1',
    kind: 'HelmChart',
    metadata: metadata(entry.name),
    spec: {
      ...sourceOf(source),
      targetNamespace: namespace ?? 'default',
      ...(createNamespace ? { createNamespace } : {}),
      ...(values === null ? {} : { valuesContent: values }),
      ...(set === undefined ? {} : { set: setOf(set) }),
      ...(bootstrap === undefined ? {} : { bootstrap }),
      ...(timeout === undefined ? {} : { timeout }),
      ...(backOffLimit === undefined ? {} : { backOffLimit }),
      ...(failurePolicy === undefined ? {} : { failurePolicy }),
    },
  })
}

const indent = '    '

/** Every line of a text but its first moved to the right; an empty end is one where a secret follows. */
const indented = (text: string, isLast: boolean): string =>
  text.replace(/\r\n?/g, '\n').replace(isLast ? /\n(?=[^\n])/g : /\n(?!\n)/g, `\n${indent}`)

/**
 * A HelmChartConfig, whose values may hold secrets. Values are written as a block with a fixed indentation: a secret in it is a
 * quoted text on one line, so it needs no knowledge of what is around it.
 */
export const helmChartConfig = (
  name: string,
  values: readonly TemplatePart[],
  failurePolicy: ChartConfigEntry['failurePolicy'],
): readonly TemplatePart[] => {
  const head = toYaml({
    apiVersion: 'helm.cattle.io/v1',
    kind: 'HelmChartConfig',
    metadata: metadata(name),
    spec: { ...(failurePolicy === undefined ? {} : { failurePolicy }), valuesContent: '' },
  }).replace(/ ""\n$/, ' |2\n')
  const body = values.map((part, index) => {
    if (typeof part !== 'string') return part
    const moved = indented(part, index === values.length - 1)
    return index === 0 && !moved.startsWith('\n') ? indent + moved : moved
  })
  const last = body.at(-1)
  const ending = typeof last === 'string' && last.endsWith('\n') ? [] : ['\n']
  return joinTexts([head, ...(typeof body[0] === 'string' ? [] : [indent]), ...body, ...ending])
}
