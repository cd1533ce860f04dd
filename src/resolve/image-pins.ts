import type { LockedImage } from './lock.ts'
import type { Architecture, ArtifactPin, BlobPin, ImagePin } from './pins.ts'

/** `nginx:1.29, layer 2 of 7`: what a blob is, for messages and records. */
const blobNames = (name: string, image: ImagePin): readonly (readonly [string, BlobPin])[] => [
  [`${name}, manifest`, image.manifest],
  [`${name}, configuration`, image.config],
  ...image.layers.map(
    (layer, index) => [`${name}, layer ${index + 1} of ${image.layers.length}`, layer] as const,
  ),
]

/** The blobs of an image as files of the store. */
export const blobArtifacts = (name: string, image: ImagePin): readonly ArtifactPin[] =>
  blobNames(name, image).map(([blobName, { sha256, sizeBytes }]) => ({ name: blobName, sha256, sizeBytes }))

export const lockedBlobs = (images: readonly LockedImage[]): readonly ArtifactPin[] =>
  images.flatMap(({ name, platforms }) =>
    (['amd64', 'arm64'] satisfies Architecture[]).flatMap((architecture) => {
      const image = platforms[architecture]
      return image === undefined ? [] : blobArtifacts(name, image)
    }),
  )

/** Bytes of an image in containerd's store: each of its blobs once. */
export const imageBytes = (image: ImagePin): number =>
  [...new Map([image.manifest, image.config, ...image.layers].map((blob) => [blob.sha256, blob])).values()]
    .map(({ sizeBytes }) => sizeBytes)
    .reduce((sum, bytes) => sum + bytes, 0)
