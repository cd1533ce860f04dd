import type { ArtifactPin } from '../pins.ts'
import type { AskedImage } from './asked-image.ts'

/** Text of a file, and the secrets in it by their names in the profile. `as`: see TextPart of the plan. */
export type TemplatePart = string | { readonly secret: string; readonly as: 'text' | 'json' | 'base64' }

/** Texts that follow each other as one; empty ones left out. */
export const joinTexts = (parts: readonly TemplatePart[]): readonly TemplatePart[] => {
  const done: TemplatePart[] = []
  for (const part of parts) {
    const last = done.at(-1)
    if (typeof part === 'string' && typeof last === 'string') done[done.length - 1] = last + part
    else if (part !== '') done.push(part)
  }
  return done
}

export type LockedContent =
  | { readonly kind: 'artifact'; readonly artifact: ArtifactPin }
  | { readonly kind: 'template'; readonly parts: readonly TemplatePart[] }

/** A file that k3s deploys. */
export interface LockedManifest {
  /** Name on the node: no two of a lock are equal up to the first dot. */
  readonly fileName: string
  readonly content: LockedContent
}

/** What one entry of images.manifests, charts or chartConfigs became. */
export interface LockedWorkload {
  /** `manifest ./manifests`, `chart podinfo`, `chart-config traefik`. */
  readonly entry: string
  /** Hash of the entry as the profile has it: tells when it says something else than the lock. */
  readonly request: string
  /** Hash of all files that were read for it: tells when they are others. */
  readonly digest: string
  readonly manifests: readonly LockedManifest[]
  /** Charts too large for an object of Kubernetes: servers hand them out themselves (`server/static/charts`). */
  readonly served: readonly ArtifactPin[]
  /** Images that it names. */
  readonly images: readonly AskedImage[]
  /** Why it may need others; null where all are known. */
  readonly notRendered: string | null
}
