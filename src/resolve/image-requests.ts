import type { Path } from '../diagnostics/yaml/yaml-tree.ts'
import type { ImageSource } from '../profile/image-entry.ts'
import { readImageEntry, sourceText } from '../profile/image-entry.ts'
import { imageName, readImageReference } from '../profile/image-reference.ts'
import type { Profile } from '../profile/schema.ts'
import { vipImage } from '../profile/vip.ts'
import type { LockedImage } from './lock.ts'
import type { Architecture } from './pins.ts'

/** An image that the cluster needs beside k3s's own, before it is pinned. */
export interface ImageRequest {
  /** Equal wishes have equal keys: what the lock knows it by. */
  readonly key: string
  readonly source: ImageSource
  /** The name that it gets instead of its own, in full. */
  readonly as: string | undefined
  /** At least one. */
  readonly architectures: readonly Architecture[]
  /** Where the profile asks for it. */
  readonly at: Path
  /** Another wish may bring an image of this name, which then counts. */
  readonly unlessNamed: boolean
}

const keyOf = (source: ImageSource, as: string | undefined): string =>
  as === undefined ? sourceText(source) : `${sourceText(source)} as ${as}`

/** What the tool itself adds, as if the profile had it in its list. */
const ownImages = (profile: Profile): readonly { readonly source: ImageSource; readonly at: Path }[] => {
  const vip = vipImage(profile)
  const reference = vip === undefined ? undefined : readImageReference(vip.reference)
  if (vip === undefined || reference === undefined || 'fault' in reference) return []
  return [{ source: { kind: 'registry', reference }, at: vip.path }]
}

/** Everything that is pinned under `images` of the lock; `used`: architectures of the nodes. */
export const imageRequests = (profile: Profile, used: readonly Architecture[]): readonly ImageRequest[] => {
  const listed = (profile.images?.extra ?? []).flatMap((written, index): readonly ImageRequest[] => {
    const entry = readImageEntry(written)
    if (entry === undefined) return []
    const { source, as } = entry
    const architectures = used.filter((each) => entry.architectures?.includes(each) ?? true)
    const at = ['images', 'extra', index]
    return architectures.length === 0
      ? []
      : [{ key: keyOf(source, as), source, as, architectures, at, unlessNamed: false }]
  })
  const own = ownImages(profile).map(({ source, at }) => ({
    key: keyOf(source, undefined),
    source,
    as: undefined,
    architectures: used,
    at,
    unlessNamed: true,
  }))
  return [...listed, ...own]
}

/** What a lock pins for a wish, on one architecture. */
export const imagesFor = (
  { key, source, unlessNamed }: ImageRequest,
  images: readonly LockedImage[],
  architecture: Architecture,
): readonly LockedImage[] => {
  const there = images.filter(({ platforms }) => platforms[architecture] !== undefined)
  const own = there.filter((image) => image.key === key)
  if (own.length > 0 || !unlessNamed || source.kind !== 'registry') return own
  return there.filter(({ name }) => name === imageName(source.reference))
}
