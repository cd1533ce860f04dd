import type { PartitionName } from '../plan/build-plan.ts'
import type { Geometry } from './geometry.ts'
import type { PartitionTable } from './partition-table.ts'
import type { SharedPart } from './shared-parts.ts'

/** What an image is written from. */
export interface ImageContent {
  readonly geometry: Geometry<PartitionName>
  readonly table: PartitionTable
  readonly shared: readonly { readonly name: PartitionName; readonly part: SharedPart }[]
  readonly seed: Uint8Array
}

export const placeOf = (
  geometry: Geometry<PartitionName>,
  name: PartitionName,
): { readonly offset: number; readonly size: number } => {
  const part = geometry.parts.find((candidate) => candidate.name === name)
  if (part === undefined) throw new Error(`the image has no partition ${name}`)
  return part
}
