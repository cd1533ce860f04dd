import type { PodSecurityForm } from '../profile/cis.ts'
import { cisConfig, cisPaths, kernelDefaults, podSecurityForm } from '../profile/cis.ts'
import { parseK3sRelease } from '../profile/k3s-version.ts'
import type { Profile } from '../profile/schema.ts'

export { cisPaths, kernelDefaults }

/** What `hardening: cis` means for the release of a profile. */
export interface ResolvedHardening {
  readonly podSecurity: {
    readonly form: PodSecurityForm
    readonly enforce: 'restricted' | 'baseline' | 'privileged'
    /** Beside kube-system; each once, sorted. */
    readonly exemptNamespaces: readonly string[]
  }
  /** Keys of config.yaml, before the user's own. */
  readonly config: ReturnType<typeof cisConfig>
}

export const resolveHardening = ({ cluster: { k3s } }: Profile): ResolvedHardening | null => {
  if (k3s.hardening !== 'cis') return null
  const minor = parseK3sRelease(k3s.version)?.minor
  if (minor === undefined) throw new Error(`${k3s.version} has passed validation and names no release`)
  const { enforce = 'restricted', exemptNamespaces = [] } = k3s.podSecurity ?? {}
  return {
    podSecurity: {
      form: podSecurityForm(minor),
      enforce,
      exemptNamespaces: [...new Set(exemptNamespaces)].filter((name) => name !== 'kube-system').toSorted(),
    },
    config: cisConfig(minor),
  }
}
