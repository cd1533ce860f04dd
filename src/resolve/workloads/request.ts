import type { WorkloadEntry } from '../../profile/workload-entry.ts'
import { valueHash } from './hash.ts'

/** What an entry asks for, without where its secrets are found: these may move without a new lock. */
export const requestOf = (entry: WorkloadEntry): string => {
  const secrets = Object.keys(entry.secrets).toSorted()
  switch (entry.kind) {
    case 'manifest':
      return valueHash({ file: entry.file, secrets })
    case 'chart':
      return valueHash({ ...entry.chart, secrets })
    case 'chart-config':
      return valueHash({ ...entry.config, secrets })
  }
}
