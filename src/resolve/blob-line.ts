import type { BlobPin } from './pins.ts'

/** `sha256:` and 64 hex digits, as registries write it. */
export const isDigest = (value: unknown): value is string =>
  typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value)

export const digestHex = (digest: string): string => digest.slice('sha256:'.length)

/** A blob of an image as one line of the lock: digest, bytes, media type. */
export const printBlobLine = ({ sha256, sizeBytes, mediaType }: BlobPin): string =>
  `sha256:${sha256} ${sizeBytes} ${mediaType}`

export const parseBlobLine = (value: unknown): BlobPin | undefined => {
  if (typeof value !== 'string') return undefined
  const [, sha256, size, mediaType] =
    /^sha256:([0-9a-f]{64}) (0|[1-9]\d{0,14}) ([\w.+-]+\/[\w.+-]+)$/.exec(value) ?? []
  if (sha256 === undefined || mediaType === undefined) return undefined
  return { mediaType, sha256, sizeBytes: Number(size) }
}
