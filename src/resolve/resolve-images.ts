import { pathText } from '../diagnostics/yaml/yaml-tree.ts'
import { imagesFor } from './image-requests.ts'
import type { Lock } from './lock.ts'
import type { ProfileInputs } from './profile-inputs.ts'
import type { ResolvedImage } from './resolved-profile.ts'

const byName = (a: ResolvedImage, b: ResolvedImage): number =>
  a.architecture < b.architecture || (a.architecture === b.architecture && a.name < b.name) ? -1 : 1

/** The pinned images of every wish, each name once for an architecture. */
export const resolveImages = ({ images }: ProfileInputs, lock: Lock): readonly ResolvedImage[] => {
  const found = new Map<string, ResolvedImage>()
  for (const request of images) {
    for (const architecture of request.architectures) {
      for (const { name, index, platforms } of imagesFor(request, lock.images, architecture)) {
        const image = platforms[architecture]
        const key = `${architecture} ${name}`
        if (image === undefined || found.has(key)) continue
        const from = pathText(request.at)
        found.set(key, { name, architecture, image, index, from, pulled: request.source.kind === 'registry' })
      }
    }
  }
  return [...found.values()].sort(byName)
}
