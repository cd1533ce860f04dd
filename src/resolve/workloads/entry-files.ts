import type { WorkloadEntry } from '../../profile/workload-entry.ts'
import { isManifestFile } from '../../profile/workload-entry.ts'

/** Which files of a folder k3s deploys: `<file>.skip` beside a file keeps it out (docs.k3s.io/add-ons/packaged-components). */
export const deployedFiles = (names: readonly string[]): readonly string[] =>
  names.filter((name) => isManifestFile(name) && !names.includes(`${name}.skip`))

/** Files and folders that an entry names. */
export const namedPaths = (entry: WorkloadEntry): readonly string[] => {
  switch (entry.kind) {
    case 'manifest':
      return [entry.file]
    case 'chart':
      return [entry.chart.file, ...(entry.chart.values === undefined ? [] : [entry.chart.values])]
    case 'chart-config':
      return [entry.config.values]
  }
}
