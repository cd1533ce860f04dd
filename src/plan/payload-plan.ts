import type { ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { Architecture, ArtifactPin, PayloadPlan, PlannedFile } from './build-plan.ts'
import { idOf } from './canonical-json.ts'
import { sha256Hex } from './hash.ts'

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

const contentSha256 = (file: PlannedFile): string => {
  if (file.content.kind === 'artifact') return file.content.artifact.sha256
  if (file.content.kind === 'text') return sha256Hex(file.content.text)
  throw new Error(`${file.path} cannot be in the payload: it holds no secrets and no parts of the base`)
}

const byPath = (a: PlannedFile, b: PlannedFile): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)

/** Archives of the user's by the last part of their path; two that share it are told apart by their content. */
const imageFiles = (pins: readonly ArtifactPin[]): readonly PlannedFile[] => {
  const files = new Map<string, PlannedFile>()
  for (const pin of pins) {
    const plain = baseName(pin.name)
    const taken = files.get(plain)
    const name =
      taken !== undefined && contentSha256(taken) !== pin.sha256
        ? `${pin.sha256.slice(0, 8)}-${plain}`
        : plain
    files.set(name, artifact(`images/${name}`, pin))
  }
  return [...files.values()]
}

/** k3s, image archives and manifests of one architecture, with the sums the node checks before it starts k3s. */
export const planPayload = (profile: ResolvedProfile, architecture: Architecture): PayloadPlan => {
  const inputs = profile.inputs[architecture]
  if (inputs === undefined) throw new Error(`the resolved profile lacks inputs for ${architecture}`)
  const named = [
    artifact('bin/k3s', inputs.k3s, 0o755),
    ...imageFiles([inputs.airgapImages, ...profile.images.extra]),
    ...profile.images.manifests.map((manifest) =>
      artifact(`manifests/${manifest.fileName}`, manifest.artifact),
    ),
    ...profile.images.servedCharts.map((pin) => artifact(`charts/${pin.name}`, pin)),
    text('images.txt', [...inputs.imageNames, ''].join('\n')),
    text('k3s-version', `${profile.cluster.k3sVersion}\n`),
  ].sort(byPath)
  const sums = named.map((file) => `${contentSha256(file)}  ${file.path}\n`).join('')
  const content = {
    architecture,
    files: [...named, text('SHA256SUMS', sums)],
    links: [],
    epoch: profile.epoch,
  }
  return { id: idOf({ kind: 'payload', format, ...content }), ...content }
}
