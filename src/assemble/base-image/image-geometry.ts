import type { BaseImagePlan, DiskPlan, NodePlan } from '../../plan/build-plan.ts'
import { usedBytes } from '../../plan/build-plan.ts'
import type { Geometry } from '../geometry.ts'
import { placeParts } from '../geometry.ts'
import type { PlacedName } from '../image-content.ts'
import { resumeBytes } from './resume-point.ts'

/** Of the start of the disk, which holds the table: the rest of the base is taken over as it is. */
export const headBytes = (
  { partitions }: Pick<BaseImagePlan, 'partitions'>,
  { alignmentBytes }: Pick<DiskPlan, 'alignmentBytes'>,
): number => Math.min(alignmentBytes, ...partitions.map(({ offset }) => offset))

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
  const { alignmentBytes } = disk
  const used = usedBytes(image)
  const { parts, imageSize } = placeParts(
    [
      { name: 'payload' as const, sizeBytes: payloadBytes + resumeBytes },
      { name: 'seed' as const, sizeBytes: seed.sizeBytes },
    ],
    alignmentBytes,
    disk.table === 'mbr' ? { start: used, before: alignmentBytes, end: 0 } : { start: used },
  )
  return { parts: [{ name: 'base', offset: 0, size: used }, ...parts], imageSize }
}
