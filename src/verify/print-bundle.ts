import { humanSize, textTable } from '../diagnostics/text-table.ts'
import type { BundleInspection } from './inspect-bundle.ts'

/** A bundle for people; what is wrong with it at the end, where it is seen. */
export const printBundle = (bundle: BundleInspection): string => {
  const lines = [
    `${bundle.bundle}: bundle of ${bundle.cluster}, k3s ${bundle.k3sVersion}, ${bundle.architecture}, payload ${bundle.payload.slice(0, 12)}`,
    ...textTable(bundle.files.map(({ path, sizeBytes, sha256 }) => [path, humanSize(sizeBytes), sha256])),
    ...(bundle.faults.length === 0
      ? ['  whole: every file is what its checksum says']
      : bundle.faults.map((fault) => `  DAMAGED: ${fault}`)),
  ]
  return `${lines.join('\n')}\n`
}
