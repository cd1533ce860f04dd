import { imageName, readImageReference } from '../../../profile/image-reference.ts'
import type { Architecture, BlobPin, ImagePin } from '../../pins.ts'
import type { Descriptor } from './documents.ts'
import { BadDocument, isIndexType, readConfig, readIndex, readManifest } from './documents.ts'
import type { BlobSource, FoundImage } from './found-image.ts'

/** A name is one only with a registry or a path in it: a bare tag, as skopeo writes it, says nothing. */
const nameOf = ({ annotations }: Descriptor): string | undefined => {
  for (const key of ['io.containerd.image.name', 'org.opencontainers.image.ref.name']) {
    const text = annotations[key] ?? ''
    if (!text.includes('/') && !(key === 'io.containerd.image.name' && text !== '')) continue
    const reference = readImageReference(text)
    if (!('fault' in reference)) return imageName(reference)
  }
  return undefined
}

/** Nothing is kept here. */
type Reader = Pick<BlobSource, 'read'>

const required = async (source: Reader, blob: BlobPin): Promise<Uint8Array> => {
  const bytes = await source.read(blob)
  if (bytes === undefined) throw new BadDocument(`lacks the blob sha256:${blob.sha256}, which it names`)
  return bytes
}

const readImage = async (
  source: Reader,
  descriptor: Descriptor,
): Promise<{ readonly platform: string; readonly image: ImagePin }> => {
  const { config, layers } = readManifest(await required(source, descriptor))
  const { mediaType, sha256, sizeBytes } = descriptor
  const { platform } = readConfig(await required(source, config))
  return { platform, image: { manifest: { mediaType, sha256, sizeBytes }, config, layers } }
}

/** Attestations of buildkit stand among the platforms of an index as `unknown/unknown`. */
const mayBe = ({ platform }: Descriptor, wanted: readonly string[]): boolean =>
  platform === undefined || wanted.includes(`${platform.os}/${platform.architecture}`)

const platformText = ({ platform }: Descriptor): string =>
  platform === undefined ? 'unknown' : `${platform.os}/${platform.architecture}`

export interface LayoutImages {
  readonly images: readonly FoundImage[]
  /** Everything the layout has, for messages. */
  readonly platforms: readonly string[]
}

/**
 * The images of an OCI layout (image-layout.md of the OCI image spec) for the given platforms. `tag`: only what has this
 * name or tag.
 */
export const readOciLayout = async (
  source: Reader,
  indexBytes: Uint8Array,
  architectures: readonly Architecture[],
  tag: string | undefined,
): Promise<LayoutImages> => {
  const wanted = architectures.map((architecture) => `linux/${architecture}`)
  const listed = readIndex(indexBytes)
  if (listed === undefined) throw new BadDocument('has an index.json that lists no manifests')
  const chosen = tag === undefined ? listed : listed.filter((descriptor) => hasTag(descriptor, tag))
  if (chosen.length === 0)
    throw new BadDocument(tag === undefined ? 'holds no image' : `holds no image with the name or tag ${tag}`)
  const images: FoundImage[] = []
  const platforms = new Set<string>()
  for (const descriptor of chosen) {
    const name = nameOf(descriptor)
    const children = isIndexType(descriptor.mediaType)
      ? readIndex(await required(source, descriptor))
      : undefined
    const index = children === undefined ? null : descriptor.sha256
    for (const child of children ?? [descriptor]) {
      if (children !== undefined && child.platform !== undefined) platforms.add(platformText(child))
      if (!mayBe(child, wanted)) continue
      // Tools leave out what they did not fetch; what is missing counts as a platform that is not there.
      if (children !== undefined && (await source.read(child)) === undefined) continue
      const found = await readImage(source, child)
      platforms.add(found.platform)
      images.push({ name, index, ...found })
    }
  }
  return { images, platforms: [...platforms].filter((text) => text !== 'unknown/unknown').toSorted() }
}

const hasTag = (descriptor: Descriptor, tag: string): boolean => {
  const name = nameOf(descriptor)
  return (
    descriptor.annotations['org.opencontainers.image.ref.name'] === tag ||
    (name !== undefined && (name === tag || name.endsWith(`:${tag}`)))
  )
}
