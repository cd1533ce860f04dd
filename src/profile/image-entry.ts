import type { ImageReference } from './image-reference.ts'
import { printImageReference, readImageReference } from './image-reference.ts'
import type { Profile } from './schema.ts'

/** Where the bytes of an image are. */
export type ImageSource =
  | { readonly kind: 'registry'; readonly reference: ImageReference }
  /** A docker or OCI archive, packed or not; path relative to the profile. */
  | { readonly kind: 'archive'; readonly file: string }
  /** A folder in the OCI image layout; the image with this name or tag, or all. */
  | { readonly kind: 'layout'; readonly folder: string; readonly tag: string | undefined }
  /** The store of podman, buildah and CRI-O on this machine. */
  | { readonly kind: 'storage'; readonly name: string }

type WrittenEntry = NonNullable<NonNullable<Profile['images']>['extra']>[number]

/** One entry of images.extra. */
export interface ImageEntry {
  readonly source: ImageSource
  /** The name that it gets instead of its own, in full. */
  readonly as: string | undefined
  /** Only for nodes of these; undefined: for every one in use. */
  readonly architectures: readonly ('arm64' | 'amd64')[] | undefined
}

const sourceOf = (entry: WrittenEntry): ImageSource | undefined => {
  if (typeof entry === 'string' || entry.image !== undefined) {
    const reference = readImageReference(typeof entry === 'string' ? entry : (entry.image ?? ''))
    return 'fault' in reference ? undefined : { kind: 'registry', reference }
  }
  if (entry.file !== undefined) return { kind: 'archive', file: entry.file }
  if (entry.oci !== undefined) return { kind: 'layout', folder: entry.oci, tag: entry.tag }
  if (entry.containersStorage !== undefined) return { kind: 'storage', name: entry.containersStorage }
  return undefined
}

/** Undefined where a rule or the schema has found a fault. */
export const readImageEntry = (entry: WrittenEntry): ImageEntry | undefined => {
  const source = sourceOf(entry)
  if (source === undefined) return undefined
  if (typeof entry === 'string') return { source, as: undefined, architectures: undefined }
  const as = entry.as === undefined ? undefined : readImageReference(entry.as)
  if (as !== undefined && 'fault' in as) return undefined
  return {
    source,
    as: as === undefined ? undefined : printImageReference(as),
    architectures: entry.architectures,
  }
}

/** The source for people, and the identity of a wish in the lock. */
export const sourceText = (source: ImageSource): string => {
  switch (source.kind) {
    case 'registry':
      return printImageReference(source.reference)
    case 'archive':
      return `file ${source.file}`
    case 'layout':
      return source.tag === undefined ? `oci ${source.folder}` : `oci ${source.folder} ${source.tag}`
    case 'storage':
      return `containersStorage ${source.name}`
  }
}
