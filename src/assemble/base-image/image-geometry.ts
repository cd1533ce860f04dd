import type { BaseImagePlan, DiskPlan, NodePlan } from '../../plan/build-plan.ts'
import { usedBytes } from '../../plan/build-plan.ts'
import type { Geometry, Placing } from '../geometry.ts'
import { placeParts } from '../geometry.ts'
import type { PlacedName } from '../image-content.ts'
import { resumeBytes } from './resume-point.ts'

/** Of the start of the disk, which holds the table: the rest of the base is taken over as it is. */
export const headBytes = (
  { partitions }: Pick<BaseImagePlan, 'partitions'>,
  { alignmentBytes }: Pick<DiskPlan, 'alignmentBytes'>,
): number => Math.min(alignmentBytes, ...partitions.map(({ offset }) => offset))

/** Of the base, of ours and between them: before a partition on an MBR the sector that names it, before payload an empty entry. */
const placing = (image: BaseImagePlan, { table, empty, alignmentBytes }: DiskPlan): Placing => {
  const start = usedBytes(image)
  if (table === 'mbr') return { start, before: alignmentBytes, end: 0 }
  return { start: empty === undefined ? start : start + alignmentBytes }
}

/**
 * The base from the start, then payload and seed, with a block before the seed from which its hash goes on (resume-point.ts).
 * On an MBR both are in an extended partition, where each has a sector before it that names it (an EBR), and nothing is
 * behind the seed.
 */
export const imageGeometry = (
  image: BaseImagePlan,
  { disk, seed }: Pick<NodePlan, 'disk' | 'seed'>,
  payloadBytes: number,
): Geometry<PlacedName> => {
  const { parts, imageSize } = placeParts(
    [
      { name: 'payload' as const, sizeBytes: payloadBytes + resumeBytes },
      { name: 'seed' as const, sizeBytes: seed.sizeBytes },
    ],
    disk.alignmentBytes,
    placing(image, disk),
  )
  return { parts: [{ name: 'base', offset: 0, size: usedBytes(image) }, ...parts], imageSize }
}
