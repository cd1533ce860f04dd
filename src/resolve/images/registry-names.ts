import type { Profile } from '../../profile/schema.ts'

const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((item: unknown) =>
    typeof item === 'string' ? item.split(',').filter((text) => text !== '') : [],
  )

/**
 * Registries that every node names imported images by, too: the one that k3s's own images are asked of, which the plan passes on to
 * all nodes, and those of `airgap-extra-registry` for all.
 */
export const extraRegistries = ({ cluster: { k3s } }: Profile): readonly string[] => [
  ...new Set([
    ...textsOf(k3s.registries?.systemDefault ?? k3s.config?.['system-default-registry']),
    ...textsOf(k3s.agentConfig?.['airgap-extra-registry']),
  ]),
]

/** `docker.io/rancher/pause:3.6` of `R` is `R/rancher/pause:3.6` (k3s pkg/agent/containerd, retagImages). */
export const nameIn = (registry: string, image: string): string =>
  `${registry}/${image.slice(image.indexOf('/') + 1)}`
