/** All sizes and offsets in bytes. */
export interface PlacedPart<Name extends string = string> {
  readonly name: Name
  readonly offset: number
  /** A multiple of the alignment; the content may end before it. */
  readonly size: number
}

export interface Geometry<Name extends string = string> {
  readonly parts: readonly PlacedPart<Name>[]
  readonly imageSize: number
}

export const sectorSize = 512

/** Backup of the GPT at the end of a disk: 32 sectors of entries and one header (UEFI 2.10, 5.3). */
export const backupTableSize = 33 * sectorSize

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step

export interface Placing {
  /** Where the first part may begin. Default: behind one unit of alignment, which holds the table. */
  readonly start?: number
  /** Left free before each part, whole units of alignment. Default: none. */
  readonly before?: number
  /** Left free behind the last part. Default: room for the backup table. */
  readonly end?: number
}

/** Parts one after another, each aligned at both ends; the image ends aligned too. */
export const placeParts = <Name extends string>(
  contents: readonly { readonly name: Name; readonly sizeBytes: number }[],
  alignment: number,
  { start = alignment, before = 0, end = backupTableSize }: Placing = {},
): Geometry<Name> => {
  let offset = roundUp(start, alignment)
  const parts = contents.map(({ name, sizeBytes }) => {
    const part = { name, offset: offset + before, size: roundUp(Math.max(sizeBytes, 1), alignment) }
    offset = part.offset + part.size
    return part
  })
  return { parts, imageSize: roundUp(offset + end, alignment) }
}
