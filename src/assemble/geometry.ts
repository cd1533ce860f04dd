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

/** Parts one after another, each aligned at both ends; the image ends aligned too, with room for the backup table. */
export const placeParts = <Name extends string>(
  contents: readonly { readonly name: Name; readonly sizeBytes: number }[],
  alignment: number,
): Geometry<Name> => {
  let offset = alignment
  const parts = contents.map(({ name, sizeBytes }) => {
    const part = { name, offset, size: roundUp(Math.max(sizeBytes, 1), alignment) }
    offset += part.size
    return part
  })
  return { parts, imageSize: roundUp(offset + backupTableSize, alignment) }
}
