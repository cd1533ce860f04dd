import { blobArtifacts } from '../resolve/image-pins.ts'
import type { ResolvedImage } from '../resolve/resolved-profile.ts'
import type { ArchivedBlob, ImageArchive, SizeBounds } from './build-plan.ts'

const byDigest = (a: ArchivedBlob, b: ArchivedBlob): number => (a.sha256 < b.sha256 ? -1 : 1)

/** Blobs of images, each once. Out of a registry only the documents are searched for secrets; one local owner is enough. */
const collect = (images: readonly ResolvedImage[], part: 'documents' | 'layers'): readonly ArchivedBlob[] => {
  const blobs = new Map<string, ArchivedBlob>()
  for (const { name, image, pulled } of images) {
    const pins = blobArtifacts(name, image)
    const all = [image.manifest, image.config, ...image.layers]
    for (const [index, { mediaType }] of all.entries()) {
      const pin = pins[index]
      if (pin === undefined || index < 2 !== (part === 'documents')) continue
      const known = blobs.get(pin.sha256)
      const searched = part === 'documents' || !pulled || known?.searched === true
      blobs.set(pin.sha256, { ...(known ?? { ...pin, mediaType }), searched })
    }
  }
  return [...blobs.values()].sort(byDigest)
}

/**
 * One OCI archive (OCI image layout 1.0). Entries of its index are manifests of one platform, with the full name in the
 * annotation that containerd asks first (images/archive/importer.go) and in the one that other tools know. Documents come
 * first, so that a reader knows all names early; then layers.
 */
export const planImageArchive = (images: readonly ResolvedImage[]): ImageArchive => {
  const manifests = images
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, image: { manifest } }) => ({
      mediaType: manifest.mediaType,
      digest: `sha256:${manifest.sha256}`,
      size: manifest.sizeBytes,
      annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name },
    }))
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }
  const documents = collect(images, 'documents')
  const taken = new Set(documents.map(({ sha256 }) => sha256))
  return {
    documents: [
      { path: 'oci-layout', text: '{"imageLayoutVersion":"1.0.0"}' },
      { path: 'index.json', text: JSON.stringify(index) },
    ],
    blobs: [...documents, ...collect(images, 'layers').filter(({ sha256 }) => !taken.has(sha256))],
  }
}

const block = 512
/** GNU tar ends an archive at a multiple of this. */
const record = 20 * block

const entryBytes = (sizeBytes: number): number => block + Math.ceil(sizeBytes / block) * block

/** Exact size of the archive before zstd. */
export const archiveTarBytes = ({ documents, blobs }: ImageArchive): number => {
  const sizes = [
    ...documents.map(({ text }) => new TextEncoder().encode(text).length),
    ...blobs.map(({ sizeBytes }) => sizeBytes),
  ]
  const entries = sizes.reduce((sum, bytes) => sum + entryBytes(bytes), 0)
  return Math.ceil((entries + 2 * block) / record) * record
}

const isPacked = ({ mediaType }: ArchivedBlob): boolean => /[.+](gzip|zstd)$/.test(mediaType)

/** What is packed already hardly shrinks; of the rest nothing is known. */
const packedShrinksTo = 0.5

/** Three bytes for each block of 128 KiB, and the frame's own (RFC 8878): for what cannot be packed. */
const zstdOverhead = (bytes: number): number => Math.ceil(bytes / (128 * 1024)) * 3 + 1024

/** Bytes of the archive as it lies in the payload. */
export const packedArchiveBounds = (archive: ImageArchive): SizeBounds => {
  const packed = archive.blobs.filter(isPacked).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const tar = archiveTarBytes(archive)
  return { lower: Math.floor(packed * packedShrinksTo), upper: tar + zstdOverhead(tar) }
}
