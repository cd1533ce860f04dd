import type { Host } from '../../host/host.ts'
import { inspectImage } from '../../verify/inspect.ts'
import { inspectBundle, isTar } from '../../verify/inspect-bundle.ts'
import { printBundle } from '../../verify/print-bundle.ts'
import { printInspection } from '../../verify/print-inspection.ts'
import { exitCodes } from '../exit-codes.ts'
import type { InspectOptions } from '../options.ts'

/** Shows what is on an image or in a bundle. Exits with 5 when a copy of the partition table, or the bundle, is damaged. */
export const run = async (host: Host, { image, format, terminal }: InspectOptions): Promise<number> => {
  if (await isTar(host, image)) {
    const bundle = await inspectBundle(host, image)
    terminal.out(format === 'json' ? `${JSON.stringify(bundle, null, 2)}\n` : printBundle(bundle))
    return bundle.faults.length === 0 ? exitCodes.ok : exitCodes.proof
  }
  const inspection = await inspectImage(host, image)
  terminal.out(
    format === 'json' ? `${JSON.stringify(inspection, null, 2)}\n` : printInspection(inspection, host.now()),
  )
  const { primary, backup } = inspection.table
  const isWhole = primary === 'valid' && (backup === 'valid' || backup === 'none')
  return isWhole ? exitCodes.ok : exitCodes.proof
}
