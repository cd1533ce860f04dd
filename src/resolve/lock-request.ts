import type { BaseRecipe } from '../recipes/recipe.ts'
import type { Lock } from './lock.ts'
import type { Architecture, ArtifactPin } from './pins.ts'
import type { LockedWorkload } from './workloads/locked-workloads.ts'

/** What `lock` is asked to pin. */
export interface LockRequest {
  readonly recipe: BaseRecipe
  readonly requested: Readonly<Partial<Record<Architecture, readonly string[]>>>
  readonly k3sVersion: string
  /** Folder or URL in the layout of a k3s release; null: the upstream release address. */
  readonly artifacts: string | null
  /** The user's own files, by the path in the profile, and where they are. */
  readonly files: readonly { readonly name: string; readonly path: string }[]
  /** Manifests and charts, read and pinned by `readWorkloads`. */
  readonly workloads: readonly LockedWorkload[]
  /** The lock so far: its time is kept when the pins are the same, and it tells what changed upstream. */
  readonly previous: Lock | null
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
  readonly addDownload: (
    url: string,
    options: {
      readonly expected?: { readonly name: string; readonly sha256: string }
      readonly label?: string
    },
  ) => Promise<ArtifactPin>
  readonly path: (pin: ArtifactPin) => Promise<string>
}
