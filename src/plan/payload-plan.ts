import { imageBytes } from '../resolve/image-pins.ts'
import type { ResolvedImage, ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { Architecture, ArtifactPin, PayloadPlan, PlannedFile, PlannedImage } from './build-plan.ts'
import { idOf } from './canonical-json.ts'
import { sha256Hex } from './hash.ts'
import { archiveTarBytes, planImageArchive } from './image-archive.ts'
import { bytesOnData } from './imported-bytes.ts'

/** Raised when assembly makes other bytes from the same plan, so that a cache never mixes the two. */
const format = 1

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const artifact = (path: string, pin: ArtifactPin, mode = 0o644): PlannedFile => ({
  path,
  mode,
  content: { kind: 'artifact', artifact: pin },
})

const text = (path: string, content: string): PlannedFile => ({
  path,
  mode: 0o644,
  content: { kind: 'text', text: content },
})

/** Null for what is known when it has been made. */
const contentSha256 = (file: PlannedFile): string | null => {
  if (file.content.kind === 'artifact') return file.content.artifact.sha256
  if (file.content.kind === 'text') return sha256Hex(file.content.text)
  if (file.content.kind === 'image-archive') return null
  throw new Error(`${file.path} cannot be in the payload: it holds no secrets and no parts of the base`)
}

const byPath = (a: PlannedFile, b: PlannedFile): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)

/** k3s imports archives in the order of their names: ours first, so that nothing waits for what k3s's own start up. */
const imageArchive = (
  images: readonly ResolvedImage[],
  architecture: Architecture,
): readonly PlannedFile[] =>
  images.length === 0
    ? []
    : [
        {
          path: `images/extra-images-${architecture}.tar.zst`,
          mode: 0o644,
          content: { kind: 'image-archive', archive: planImageArchive(images) },
        },
      ]

const plannedImage = ({ name, image, index, from }: ResolvedImage): PlannedImage => ({
  name,
  digest: `sha256:${image.manifest.sha256}`,
  index: index === null ? null : `sha256:${index}`,
  sizeBytes: imageBytes(image),
  from,
})

/** Plain text where every sum is known, as it always was without an archive of our own. */
const sumsFile = (files: readonly PlannedFile[]): PlannedFile => {
  const sums = files.map((file) => ({ path: file.path, sha256: contentSha256(file) }))
  return sums.every(({ sha256 }) => sha256 !== null)
    ? text('SHA256SUMS', sums.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join(''))
    : { path: 'SHA256SUMS', mode: 0o644, content: { kind: 'sums', sums } }
}

/** k3s, image archives and manifests of one architecture, with the sums the node checks before it starts k3s. */
export const planPayload = (profile: ResolvedProfile, architecture: Architecture): PayloadPlan => {
  const inputs = profile.inputs[architecture]
  if (inputs === undefined) throw new Error(`the resolved profile lacks inputs for ${architecture}`)
  const images = profile.images.extra.filter((image) => image.architecture === architecture)
  const named = [
    artifact('bin/k3s', inputs.k3s, 0o755),
    artifact(`images/${baseName(inputs.airgapImages.name)}`, inputs.airgapImages),
    ...imageArchive(images, architecture),
    ...profile.images.manifests.map((manifest) =>
      artifact(`manifests/${manifest.fileName}`, manifest.artifact),
    ),
    ...profile.images.servedCharts.map((pin) => artifact(`charts/${pin.name}`, pin)),
    text('images.txt', [...inputs.imageNames, ''].join('\n')),
    text('k3s-version', `${profile.cluster.k3sVersion}\n`),
  ].sort(byPath)
  const content = {
    architecture,
    files: [...named, sumsFile(named)],
    links: [],
    epoch: profile.epoch,
  }
  return {
    id: idOf({ kind: 'payload', format, ...content }),
    ...content,
    images: images.map(plannedImage),
    onData: bytesOnData(
      { sizeBytes: inputs.airgapImages.sizeBytes, unpackedBytes: inputs.imagesUnpackedBytes },
      images.length === 0 ? 0 : archiveTarBytes(planImageArchive(images)),
    ),
  }
}
