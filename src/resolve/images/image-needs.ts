import type { CheckedProfile } from '../../profile/validate.ts'
import { entryName, namePath } from '../../profile/workload-entry.ts'
import { imageBytes } from '../image-pins.ts'
import type { Lock } from '../lock.ts'
import type { ProfileInputs } from '../profile-inputs.ts'
import type { ResolvedImage } from '../resolved-profile.ts'
import { fullReference } from '../workloads/asked-image.ts'
import type { NotRendered } from './check-images.ts'
import { componentImages } from './component-images.ts'
import type { Asked, BoardedImage, ImageNeeds } from './needed-images.ts'
import { extraRegistries, nameIn } from './registry-names.ts'

/** k3s's own archive has what its list names; the others are pinned. */
const boardedImages = (
  { architectures }: ProfileInputs,
  lock: Lock,
  extra: readonly ResolvedImage[],
  registries: readonly string[],
): readonly BoardedImage[] => {
  const otherNames = (name: string): readonly string[] => registries.map((registry) => nameIn(registry, name))
  return [
    ...architectures.flatMap((architecture) =>
      lock.k3s.imageNames.flatMap((written): readonly BoardedImage[] => {
        const name = fullReference(written)
        return name === undefined
          ? []
          : [{ name, otherNames: otherNames(name), architecture, from: 'k3s', digests: [], sizeBytes: null }]
      }),
    ),
    ...extra.map(
      ({ name, architecture, image, index }): BoardedImage => ({
        name,
        otherNames: otherNames(name),
        architecture,
        from: 'extra',
        digests: [image.manifest.sha256, ...(index === null ? [] : [index])].map((hex) => `sha256:${hex}`),
        sizeBytes: imageBytes(image),
      }),
    ),
  ]
}

/** What the tool's own manifests ask for. */
const ownImages = (vipImage: string | undefined): readonly Asked[] => {
  const image = vipImage === undefined ? undefined : fullReference(vipImage)
  return image === undefined
    ? []
    : [{ image, certainty: 'certain', pull: 'other', by: 'cluster.vip', at: ['cluster', 'vip'] }]
}

/** Everything that decides which images a cluster needs. */
export const imageNeeds = (
  { profile }: CheckedProfile,
  inputs: ProfileInputs,
  lock: Lock,
  { extra, vipImage }: { readonly extra: readonly ResolvedImage[]; readonly vipImage: string | undefined },
): { readonly needs: ImageNeeds; readonly notRendered: readonly NotRendered[] } => {
  const entries = inputs.workloads.flatMap((entry) => {
    const locked = lock.workloads.find((each) => each.entry === entryName(entry))
    return locked === undefined ? [] : [{ entry, locked }]
  })
  const { k3s } = profile.cluster
  const needs: ImageNeeds = {
    architectures: inputs.architectures,
    boarded: boardedImages(inputs, lock, extra, extraRegistries(profile)),
    asked: [
      ...ownImages(vipImage),
      ...componentImages(profile),
      ...entries.flatMap(({ entry, locked }) =>
        locked.images.map((image) => ({ ...image, at: namePath(entry) })),
      ),
    ],
    pulled: profile.images?.pulled ?? [],
    k3s: {
      disable: k3s.disable ?? [],
      hasCharts: entries.some(({ entry, locked }) => entry.kind === 'chart' || locked.notRendered !== null),
      helmController: k3s.config?.['disable-helm-controller'] !== true,
    },
  }
  const notRendered = entries.flatMap(({ entry, locked }) =>
    locked.notRendered === null
      ? []
      : [{ what: entryName(entry), why: locked.notRendered, at: namePath(entry) }],
  )
  return { needs, notRendered }
}
