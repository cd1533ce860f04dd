import type { ExpectedAddOn, FileContent, InstallEntry, PayloadPlan } from './build-plan.ts'
import { manifestsFolder } from './build-plan.ts'
import { sha256Hex } from './hash.ts'

const sumOf = (content: FileContent): string | null => {
  if (content.kind === 'artifact') return content.artifact.sha256
  return content.kind === 'text' ? sha256Hex(content.text) : null
}

/** k3s names an AddOn after its file, up to the first dot. */
const addOnName = (path: string): string => path.slice(path.lastIndexOf('/') + 1).split('.')[0] ?? ''

const isManifest = (path: string): boolean => /\.(ya?ml|json)$/.test(path)

/** What k3s on this node deploys. Only the first server copies manifests of the payload to where k3s looks. */
export const expectedAddOns = (
  first: boolean,
  payload: PayloadPlan,
  install: readonly InstallEntry[],
): readonly ExpectedAddOn[] => {
  const shared = (first ? payload.files : []).flatMap(({ path, content }) =>
    path.startsWith('manifests/')
      ? [{ file: `${manifestsFolder}/${path.slice('manifests/'.length)}`, content }]
      : [],
  )
  const own = install.flatMap(({ target, content }) =>
    target.startsWith(`${manifestsFolder}/`) ? [{ file: target, content }] : [],
  )
  return [...shared, ...own]
    .filter(({ file }) => isManifest(file))
    .map(({ file, content }) => ({ name: addOnName(file), file, sha256: sumOf(content) }))
}
