import type { BaseRecipe } from '../recipes/recipe.ts'
import type { BaseImageRequest } from './base-image/base-image-request.ts'
import type { ImageForm } from './base-image/image-form.ts'
import type { ImageRequest } from './image-requests.ts'
import type { KernelRequest } from './kernels/kernel-request.ts'
import type { Lock } from './lock.ts'
import type { Architecture, ArtifactPin } from './pins.ts'
import type { ProfileSecret } from './secret-source.ts'
import type { LockedUserData } from './user-data/locked-user-data.ts'
import type { LockedWorkload } from './workloads/locked-workloads.ts'

/** What reading an image's source takes. */
export interface PullRequest {
  /** How registries are reached. */
  readonly pull: readonly PullSettings[]
  /** Folder that paths of the profile are relative to. */
  readonly folder: string
  /** Bytes of a password. */
  readonly readSecret: (secret: ProfileSecret) => Promise<Uint8Array>
}

/** What `lock` is asked to pin. */
export interface LockRequest extends PullRequest {
  readonly recipe: BaseRecipe
  readonly requested: Readonly<Partial<Record<Architecture, readonly string[]>>>
  /** Architectures whose packages may also come from the suites with firmware, for radios. */
  readonly wireless: readonly Architecture[]
  /** Names of packages that boards in use take firmware from. */
  readonly firmware: Readonly<Partial<Record<Architecture, readonly string[]>>>
  /** Kernels that nodes run. */
  readonly kernels: readonly KernelRequest[]
  /** The user's own packages of a kernel, by the path in the profile, and where they are. */
  readonly givenPackages: readonly { readonly name: string; readonly path: string }[]
  readonly k3sVersion: string
  /** Folder or URL in the layout of a k3s release; null: the upstream release address. */
  readonly artifacts: string | null
  /** The user's own files, by the path in the profile, and where they are. */
  readonly files: readonly { readonly name: string; readonly path: string }[]
  /** Manifests and charts, read and pinned by `readWorkloads`. */
  readonly workloads: readonly LockedWorkload[]
  /** Fragments of the user's for the provisioning, read by `readUserData`. */
  readonly userData: readonly LockedUserData[]
  /** A disk image in the place of a base that is made; no packages are pinned then. */
  readonly baseImage: BaseImageRequest | null
  /** The raw disk of a stored image; throws EnvironmentFault with a code at one that is not whole. */
  readonly expandImage: ExpandImage
  /** Container images beside k3s's own. */
  readonly images: readonly ImageRequest[]
  /** The lock so far: its time is kept when the pins are the same, and it tells what changed upstream. */
  readonly previous: Lock | null
}

export type ExpandImage = (artifact: ArtifactPin, form: ImageForm) => Promise<string>

/** One entry of images.pull. */
export interface PullSettings {
  /** `registry.example.com:5000` */
  readonly registry: string
  readonly login: { readonly username: string; readonly password: ProfileSecret } | null
  /** Path of a PEM file, relative to the profile. */
  readonly ca: string | null
  /** `host[:port][/path]`, asked first. */
  readonly mirrors: readonly string[]
  readonly insecure: boolean
}

/** What update-lock needs of the artifact store; materialise gives it. */
export interface InputStore {
  readonly find: (expected: {
    readonly name: string
    readonly sha256: string
  }) => Promise<ArtifactPin | undefined>
  readonly addFile: (
    source: string,
    expected?: { readonly name: string; readonly sha256: string },
  ) => Promise<ArtifactPin>
  /** Takes over a file of the caller's own that lies on the cache's file system; it is gone from where it was. */
  readonly moveFile: (
    source: string,
    expected: { readonly name: string; readonly sha256: string },
  ) => Promise<ArtifactPin>
  readonly addDownload: (
    url: string,
    options: {
      readonly expected?: { readonly name: string; readonly sha256: string }
      readonly label?: string
    },
  ) => Promise<ArtifactPin>
  readonly path: (pin: ArtifactPin) => Promise<string>
}
