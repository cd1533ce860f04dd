import type { BlobPin, ImagePin } from '../../pins.ts'

/** An image in a file or folder of this machine, with the way to its blobs. */
export interface FoundImage {
  /** In full, with a tag; undefined where its source gives none. */
  readonly name: string | undefined
  /** `linux/arm64`. */
  readonly platform: string
  readonly image: ImagePin
  /** Hex; of the index that names this platform. */
  readonly index: string | null
}

/** Blobs of a source by their digests, in hex. */
export interface BlobSource {
  /** Content of a small blob; undefined when the source does not have it. Refused when it is not what its digest says. */
  readonly read: (blob: BlobPin) => Promise<Uint8Array | undefined>
  /** Brings a blob into the store, and checks it there. */
  readonly keep: (blob: BlobPin, name: string) => Promise<void>
}
