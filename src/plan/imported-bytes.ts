import type { SizeBounds } from './build-plan.ts'

const mib = 1024 * 1024

/**
 * k3s unpacks its own programs at its first start, a hundred MB and more with each release; with datastore, journal and logs
 * of pods they are some hundred.
 */
const k3sRoom = { lower: 128 * mib, upper: 512 * mib } as const

/** An archive grows less than this when its layers are packed already. */
const plainLayersFrom = 1.5

/** What gzip or zstd make of a layer is about a third of it. */
const packedLayer = 3

/** Where nobody has measured it, and layers are plain: zstd packs them to a third or a quarter. */
const guessedGrowth = 4

/** k3s's own archive of images: as it lies in the payload, and unpacked; null: not measured. */
interface ReleaseArchive {
  readonly sizeBytes: number
  readonly unpackedBytes: number | null
}

/**
 * containerd keeps each blob of an archive as it came (client.Import), and unpacks an image beside that when the first
 * container of it starts (CRI, WithNewSnapshot): an image that never runs is there once, any other twice.
 */
const ofRelease = ({ sizeBytes, unpackedBytes }: ReleaseArchive): SizeBounds => {
  if (unpackedBytes === null) return { lower: sizeBytes, upper: 2 * guessedGrowth * sizeBytes }
  const isPlain = unpackedBytes > plainLayersFrom * sizeBytes
  return { lower: unpackedBytes, upper: unpackedBytes * (isPlain ? 2 : 1 + packedLayer) }
}

/** Images of the profile have their layers as a registry has them: packed. */
const ofProfile = (blobBytes: number): SizeBounds => ({
  lower: blobBytes,
  upper: blobBytes * (1 + packedLayer),
})

/** Bytes on `data` of k3s and its images: when it is ready, at least; when every image has run, at most. */
export const bytesOnData = (archive: ReleaseArchive, blobBytes: number): SizeBounds => {
  const parts = [k3sRoom, ofRelease(archive), ofProfile(blobBytes)]
  return {
    lower: parts.reduce((sum, { lower }) => sum + lower, 0),
    upper: parts.reduce((sum, { upper }) => sum + upper, 0),
  }
}
