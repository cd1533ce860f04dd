import type { LockedBaseImage } from './base-image/locked-base-image.ts'
import type { LockedKernel } from './kernels/locked-kernel.ts'
import type { Architecture, ArtifactPin, ImagePin, PackagePin } from './pins.ts'
import type { LockedUserData } from './user-data/locked-user-data.ts'
import type { LockedWorkload } from './workloads/locked-workloads.ts'

/** Tells clusters of one name apart (materialise/state/known-cluster.ts). */
export interface KnownFingerprint {
  readonly name: string
  /** 32 hex digits. */
  readonly fingerprint: string
}

/** A container image that the profile asks for, as its source had it when the lock was made. */
export interface LockedImage {
  /** Which wish of the profile it answers: `key` of an ImageRequest. Several images of one archive share it. */
  readonly key: string
  /** In full, with a tag: `docker.io/library/nginx:1.29`. */
  readonly name: string
  /** Digest (hex) of the index that the source named the image by; null where it named one platform's manifest. */
  readonly index: string | null
  readonly platforms: Readonly<Partial<Record<Architecture, ImagePin>>>
}

/** Files of a k3s release for one architecture. */
export interface LockedRelease {
  readonly binary: ArtifactPin
  readonly airgapImages: ArtifactPin
  /** Bytes of the archive when it is unpacked, of which containerd keeps all. Locks of before it was measured have none. */
  readonly imagesUnpackedBytes?: number
}

/** `<profile>.lock.yaml`: every input of a build, by content. `build` uses only what it names. */
export interface Lock {
  readonly lockVersion: 1
  /** ISO 8601, UTC, whole seconds. Kept when a new lock pins the same inputs. */
  readonly created: string
  readonly base: {
    readonly recipe: string
    /** Archive key to URL, as asked at lock time. */
    readonly archives: Readonly<Record<string, string>>
    /** Names asked for (recipe and profile), sorted: tells when the profile has outgrown its lock. */
    readonly requested: Readonly<Partial<Record<Architecture, readonly string[]>>>
    readonly packages: Readonly<Partial<Record<Architecture, readonly PackagePin[]>>>
    /** By `kernelKey`: each kernel that nodes run, apart from `packages`. */
    readonly kernels: Readonly<Partial<Record<Architecture, Readonly<Record<string, LockedKernel>>>>>
    /**
     * When the newest of `packages` was built, seconds since 1970: the time of every file of the base. It follows from
     * the packages alone, so that all profiles with the same packages share one base.
     */
    readonly times: Readonly<Partial<Record<Architecture, number>>>
    /** Packages whose files lie on boot partitions; nothing of them is installed in a root. Only where a board needs them. */
    readonly firmware: Readonly<Partial<Record<Architecture, readonly PackagePin[]>>>
    /** Programs for the build, by architecture of the building machine: both, so that the same lock builds on either. */
    readonly tools: Readonly<Partial<Record<Architecture, readonly PackagePin[]>>>
    /** Instead of all of these, the disk image of the user's; null: the base is made here. */
    readonly image: LockedBaseImage | null
  }
  readonly k3s: {
    readonly version: string
    /** Where the release was read: a URL or a folder, for messages only. */
    readonly source: string
    readonly files: Readonly<Partial<Record<Architecture, LockedRelease>>>
    readonly imageList: ArtifactPin
    readonly imageNames: readonly string[]
  }
  /** The cluster that was last built with it; public. A build that would make another one under its name stops. */
  readonly cluster?: KnownFingerprint
  /** The user's own files, by the path in the profile. */
  readonly files: readonly ArtifactPin[]
  /** Manifests and charts, one for each entry of the profile. Locks of before there were any have none. */
  readonly workloads: readonly LockedWorkload[]
  /** In the order of the profile. Locks of before there was any have none. */
  readonly userData: readonly LockedUserData[]
  /** In the order of the profile. Locks of before there were any have none. */
  readonly images: readonly LockedImage[]
}
