import { parse } from 'yaml'
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts'
import type { Host } from '../../../host/host.ts'
import type { WorkloadEntry } from '../../../profile/workload-entry.ts'
import type { AskedImage } from '../../workloads/asked-image.ts'
import { scanChart } from '../../workloads/chart-scan.ts'
import { renderChart } from './helm-template.ts'
import type { ReadEntry } from './read-entry.ts'
import type { UserFolder } from './user-files.ts'
import { faultIn, pathOf } from './user-files.ts'

/** Images that an entry asks for, as far as they can be known. */
export interface EntryImages {
  readonly images: readonly AskedImage[]
  /** Why there may be others. */
  readonly notRendered: string | null
  readonly faults: readonly Diagnostic[]
}

const known = (images: readonly AskedImage[]): EntryImages => ({ images, notRendered: null, faults: [] })

const plainValues = (text: string | null): unknown => {
  try {
    return parse(text ?? '', { logLevel: 'silent' })
  } catch {
    return undefined
  }
}

/** Rendered by Helm where it is installed; else what can be seen in the files of a chart. */
export const imagesOf = async (
  host: Host,
  user: UserFolder,
  work: string,
  k3sVersion: string,
  entry: WorkloadEntry,
  read: ReadEntry,
): Promise<EntryImages> => {
  if (entry.kind === 'manifest') {
    const charts = read.objects.filter(({ kind }) => kind === 'HelmChart').map(({ name }) => name)
    if (charts.length === 0) return known(read.images)
    return {
      ...known(read.images),
      notRendered: `the HelmChart ${charts.join(', ')} among them is not looked into`,
    }
  }
  if (entry.kind === 'chart-config') return known(read.images)
  const { chart } = read
  if (chart === undefined) return known([])
  const rendered = await renderChart(host, work, entry.chart, chart.packed, chart.shownValues, k3sVersion)
  if (rendered.kind === 'rendered') return known(rendered.images)
  if (rendered.kind === 'refused') {
    const message = `helm cannot render ${pathOf(user, entry.chart.file)}: ${rendered.why}`
    const help = 'correct the values, or the chart'
    return { ...known([]), faults: [faultIn(user, 'L0041', [...entry.at, 'name'], message, help)] }
  }
  const images = scanChart(entry.chart.name, chart.files, plainValues(chart.shownValues))
  return { images, notRendered: 'helm is not installed', faults: [] }
}
