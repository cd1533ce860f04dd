import type { Host } from '../../host/host.ts'
import { inspectImage } from '../../verify/inspect.ts'
import { printInspection } from '../../verify/print-inspection.ts'
import { exitCodes } from '../exit-codes.ts'
import type { InspectOptions } from '../options.ts'

/** Shows what is on an image. Exits with 5 when a copy of its partition table is damaged. */
export const run = async (host: Host, { image, format, terminal }: InspectOptions): Promise<number> => {
  const inspection = await inspectImage(host, image)
  terminal.out(
    format === 'json' ? `${JSON.stringify(inspection, null, 2)}\n` : printInspection(inspection, host.now()),
  )
  const { primary, backup } = inspection.table
  return primary === 'valid' && backup === 'valid' ? exitCodes.ok : exitCodes.proof
}
