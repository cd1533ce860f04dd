import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { Profile } from '../../profile/schema.ts'
import { fullReference } from '../workloads/asked-image.ts'
import type { Asked } from './needed-images.ts'

/** Options of k3s that take an image of the user's in the place of one of its own. */
const imageOptions = ['pause-image', 'helm-job-image'] as const

/** Images that k3s is told to use. */
export const componentImages = ({ cluster: { k3s }, nodes }: Profile): readonly Asked[] => {
  const settings: readonly (readonly [Path, Readonly<Record<string, unknown>>])[] = [
    [['cluster', 'k3s', 'config'], k3s.config ?? {}],
    [['cluster', 'k3s', 'agentConfig'], k3s.agentConfig ?? {}],
    ...nodes.map((node, index) => [['nodes', index, 'k3s'], node.k3s ?? {}] as const),
  ]
  return settings.flatMap(([path, values]) =>
    imageOptions.flatMap((option): readonly Asked[] => {
      const written = values[option]
      const image = typeof written === 'string' ? fullReference(written) : undefined
      return image === undefined
        ? []
        : [{ image, certainty: 'certain', pull: 'other', by: option, at: [...path, option] }]
    }),
  )
}
