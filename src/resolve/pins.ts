export type Architecture = 'arm64' | 'amd64'
export type Role = 'server' | 'agent'

/** One Debian package as the lock pins it. */
export interface PackagePin {
  readonly name: string
  readonly version: string
  readonly architecture: Architecture | 'all'
  /** Path below the archive's root: `pool/main/b/bash/bash_5.2.37-2+b5_arm64.deb`. */
  readonly filename: string
  /** Key into the lock's `archives` (main archive or security archive). */
  readonly archive: string
  readonly sha256: string
  readonly sizeBytes: number
}

/** A file of known content: of the k3s release, or of the user's. Found in the store by its hash. */
export interface ArtifactPin {
  /** Name for people and messages: `k3s-arm64`, `images/oven-controller.tar`. */
  readonly name: string
  readonly sha256: string
  readonly sizeBytes: number
}

/** One part of a container image by content: its manifest, its configuration or a layer. */
export interface BlobPin {
  readonly mediaType: string
  /** Lower-case hex: the digest without `sha256:`. */
  readonly sha256: string
  readonly sizeBytes: number
}

/** A container image for one platform. Its blobs lie in the store, each under its digest. */
export interface ImagePin {
  readonly manifest: BlobPin
  readonly config: BlobPin
  /** In the order of the manifest; the same layer may stand twice. */
  readonly layers: readonly BlobPin[]
}
