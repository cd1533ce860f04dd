import type { ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { InstallEntry } from './build-plan.ts'
import { manifestsFolder } from './build-plan.ts'
import { textContent } from './secret-text.ts'

/** Manifests and values with secrets in them: only the server that starts the cluster gets them, and deploys them. */
export const secretManifests = (profile: ResolvedProfile): readonly InstallEntry[] =>
  profile.images.secretManifests.map(({ fileName, parts }) => ({
    target: `${manifestsFolder}/${fileName}`,
    mode: 0o600,
    content: textContent(parts),
  }))
