import { pathText } from '../../diagnostics/yaml/yaml-tree.ts'
import type { WorkloadEntry } from '../../profile/workload-entry.ts'
import { entryName } from '../../profile/workload-entry.ts'
import type { ArtifactPin } from '../pins.ts'
import type { ProfileSecret } from '../secret-source.ts'
import { profileSecret } from '../secret-source.ts'
import type { LockedWorkload, TemplatePart } from './locked-workloads.ts'

/** Text of a manifest and the secrets in it: `TextPart` of the plan. */
export type SecretTextPart =
  | string
  | { readonly secret: ProfileSecret; readonly as: 'text' | 'json' | 'base64' }

/** What k3s deploys. */
export interface ResolvedWorkloads {
  /** Without secrets: part of the payload. */
  readonly manifests: readonly { readonly fileName: string; readonly artifact: ArtifactPin }[]
  /** For the seed of the first server alone. */
  readonly secretManifests: readonly {
    readonly fileName: string
    readonly parts: readonly SecretTextPart[]
  }[]
  /** Charts that servers hand out under `static/charts`, by their file names. */
  readonly servedCharts: readonly ArtifactPin[]
}

const withSecret = (entry: WorkloadEntry, part: TemplatePart): SecretTextPart => {
  if (typeof part === 'string') return part
  const written = entry.secrets[part.secret]
  if (written === undefined)
    throw new Error(`the lock names a secret ${part.secret} that was compared with the profile`)
  return { secret: profileSecret(pathText([...entry.at, 'secrets', part.secret]), written), as: part.as }
}

/** Entries of the profile with what the lock made of them; both were compared before. */
export const resolveWorkloads = (
  entries: readonly WorkloadEntry[],
  locked: readonly LockedWorkload[],
): ResolvedWorkloads => {
  const pairs = entries.flatMap((entry) => {
    const workload = locked.find((each) => each.entry === entryName(entry))
    return workload === undefined ? [] : [{ entry, workload }]
  })
  const manifests = pairs.flatMap(({ entry, workload }) =>
    workload.manifests.map((manifest) => ({ entry, ...manifest })),
  )
  return {
    manifests: manifests.flatMap(({ fileName, content }) =>
      content.kind === 'artifact' ? [{ fileName, artifact: content.artifact }] : [],
    ),
    secretManifests: manifests.flatMap(({ entry, fileName, content }) =>
      content.kind === 'template'
        ? [{ fileName, parts: content.parts.map((part) => withSecret(entry, part)) }]
        : [],
    ),
    servedCharts: pairs.flatMap(({ workload }) => workload.served),
  }
}
