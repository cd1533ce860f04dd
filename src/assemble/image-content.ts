import type { PartitionName } from '../plan/build-plan.ts'
import type { Geometry } from './geometry.ts'
import type { PartitionTable } from './partition-table.ts'
import type { SharedPart } from './shared-parts.ts'

/** A partition of ours, or all of a base image's together. */
export type PlacedName = PartitionName | 'base'

/** A stretch of the image that is a stretch of a part's file. */
export interface PartPiece {
  readonly name: PlacedName
  /** In the image. */
  readonly offset: number
  readonly part: SharedPart
  /** In the part's file. */
  readonly from: number
  readonly sizeBytes: number
}

/** Everything before the seed; bytes of the table, or of a part. Between two pieces are zeros. */
export type Piece = PartPiece | { readonly offset: number; readonly bytes: Uint8Array }

/** What an image is written from. */
export interface ImageContent {
  readonly geometry: Geometry<PlacedName>
  readonly table: PartitionTable
  readonly parts: readonly PartPiece[]
  readonly seed: Uint8Array
}

export const placeOf = (
  geometry: Geometry<PlacedName>,
  name: PlacedName,
): { readonly offset: number; readonly size: number } => {
  const part = geometry.parts.find((candidate) => candidate.name === name)
  if (part === undefined) throw new Error(`the image has no partition ${name}`)
  return part
}

/** The whole of a part, at the place of its partition. */
export const wholePart = (
  geometry: Geometry<PlacedName>,
  { name, part }: { readonly name: PlacedName; readonly part: SharedPart },
): PartPiece => ({
  name,
  offset: placeOf(geometry, name).offset,
  part,
  from: 0,
  sizeBytes: part.sizeBytes,
})

const lengthOf = (piece: Piece): number => ('bytes' in piece ? piece.bytes.length : piece.sizeBytes)

/** What lies before the seed, or before `end`, in the order of the image, each with the zeros that follow it. */
export const prefixPieces = (
  { geometry, table, parts }: ImageContent,
  end = placeOf(geometry, 'seed').offset,
): readonly { readonly piece: Piece; readonly padding: number }[] => {
  const sorted = [...table.pieces, ...parts]
    .filter(({ offset }) => offset < end)
    .toSorted((a, b) => a.offset - b.offset)
  return sorted.map((piece, index) => {
    const next = sorted[index + 1]?.offset ?? end
    const padding = next - piece.offset - lengthOf(piece)
    if (padding < 0) throw new Error(`two parts of the image lie over one another at byte ${next}`)
    return { piece, padding }
  })
}
