import type { Geometry } from '../geometry.ts'
import type { PlacedName } from '../image-content.ts'
import { placeOf } from '../image-content.ts'
import { sha256Padding } from '../sha256-state.ts'

/** The block before the seed of an image on a base of the user's. */
export const resumeBytes = 64

/**
 * Gigabytes of a base would be hashed for every changed seed, at several times what copying them takes. The block before the
 * seed, which no file system uses, therefore holds the padding of SHA-256 for all that lies before it: whoever knows the digest
 * of that hashes the seed alone.
 */
export const resumePoint = (
  geometry: Geometry<PlacedName>,
): { readonly offset: number; readonly bytes: Uint8Array } => {
  const offset = placeOf(geometry, 'seed').offset - resumeBytes
  return { offset, bytes: sha256Padding(offset) }
}
