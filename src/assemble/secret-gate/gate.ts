import { StepFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import type { Materials } from '../../materialise/materials.ts'
import type { BuildPlan, ImageArchive, NodePlan, PlannedFile } from '../../plan/build-plan.ts'
import { makeKubeconfig } from '../kubeconfig.ts'
import { seedContents } from '../seed.ts'
import { allowedNames, knownSecrets } from './known-secrets.ts'
import type { SearchContext } from './search-artifact.ts'
import { searchArtifact } from './search-artifact.ts'
import type { Finding } from './searcher.ts'
import { createSearcher } from './searcher.ts'

/** Findings that a fault lists; one mistake may put a secret into thousands of places. */
const mostListed = 20

export interface GateOptions {
  /** Of which images are made. */
  readonly nodes: readonly NodePlan[]
  /** Documents of the build that are small and shown: the record of the build and the like, by name. */
  readonly documents: Readonly<Record<string, string>>
  /** Logs that this run wrote. */
  readonly logs: readonly string[]
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What many nodes share: texts are searched each time, files of the store once for a set of secrets. */
const searchShared = async (
  context: SearchContext,
  materials: Materials,
  plan: BuildPlan,
  nodes: readonly NodePlan[],
): Promise<readonly Finding[]> => {
  const parts = [
    ...plan.bases
      .filter(({ id }) => nodes.some(({ base }) => base.kind === 'made' && base.baseId === id))
      .map(({ files, architecture }) => ({ files, of: `the base for ${architecture}` })),
    ...plan.payloads
      .filter(({ id }) => nodes.some(({ payloadId }) => payloadId === id))
      .map(({ files, architecture }) => ({ files, of: `the payload for ${architecture}` })),
    ...plan.boots
      .filter(({ id }) => nodes.some(({ base }) => base.kind === 'made' && base.bootId === id))
      .map(({ files, board }) => ({ files, of: `the boot partition of ${board}` })),
  ]
  const found: Finding[] = []
  for (const { files, of } of parts) {
    for (const file of files) found.push(...(await searchSharedFile(context, materials, file, of)))
  }
  return found
}

/**
 * Images blob by blob, where packed layers are unpacked; a set of secrets is searched for once in each. Layers out of a
 * registry are not searched: whoever could put a secret of this build there has shown it to that registry's readers before,
 * and gigabytes would be unpacked for every new secret. Their manifests and configurations are, with what they say of
 * variables.
 */
const searchImages = async (
  context: SearchContext,
  artifacts: Materials['artifacts'],
  { documents, blobs }: ImageArchive,
  place: string,
): Promise<readonly Finding[]> => {
  const found = documents.flatMap(({ path, text }) =>
    context.searcher.small(`${path} in ${place}`, encode(text)),
  )
  for (const blob of blobs.filter(({ searched }) => searched)) {
    const path = await artifacts.path(blob)
    found.push(...(await searchArtifact(context, blob.sha256, path, `${blob.name} in ${place}`)))
  }
  return found
}

const searchSharedFile = async (
  context: SearchContext,
  { artifacts }: Materials,
  { path, content }: PlannedFile,
  of: string,
): Promise<readonly Finding[]> => {
  const place = `${path} of ${of}`
  if (content.kind === 'text') return context.searcher.small(place, encode(content.text))
  if (content.kind === 'image-archive') return searchImages(context, artifacts, content.archive, place)
  // What the base build leaves behind is made of Debian's packages.
  if (content.kind !== 'artifact') return []
  const { artifact } = content
  return searchArtifact(context, artifact.sha256, await artifacts.path(artifact), place)
}

/** Each file of a seed may hold the secrets that its plan names, and no other. */
const searchSeed = async (
  { host, searcher }: SearchContext,
  materials: Materials,
  node: NodePlan,
): Promise<readonly Finding[]> => {
  const found: Finding[] = []
  for (const { path, source } of await seedContents(host, materials, node)) {
    if (typeof source === 'string') continue
    const [, number] = /^appliance\/files\/(\d+)$/.exec(path) ?? []
    const entry = node.seed.install[Number(number) - 1]
    // A copied datastore holds what its cluster keeps in it.
    if (entry?.content.kind === 'backup') continue
    const content =
      entry?.content ??
      [...node.seed.documents, ...node.seed.files].find((file) => file.path === path)?.content
    const allowed = content === undefined ? new Set<string>() : allowedNames(content)
    const place = `${entry?.target ?? path} in the seed of ${node.name}`
    found.push(...searcher.small(place, source, allowed))
  }
  return found
}

const searchKubeconfigs = async (
  { searcher }: SearchContext,
  { state }: Materials,
  plan: BuildPlan,
): Promise<readonly Finding[]> => {
  const found: Finding[] = []
  for (const wanted of plan.kubeconfigs) {
    const content = await makeKubeconfig(wanted, plan.cluster, state)
    found.push(...searcher.small(wanted.file, content.reveal(), new Set([`client-key/${wanted.user}`])))
  }
  return found
}

const searchLogs = async (
  { host, searcher }: SearchContext,
  logs: readonly string[],
): Promise<readonly Finding[]> => {
  const found: Finding[] = []
  for (const path of logs) {
    const bytes = await host.files.readBytes(path)
    if (bytes !== undefined) found.push(...searcher.small(`the log ${path}`, bytes))
  }
  return found
}

const describe = ({ secret, form, place, offset }: Finding): string =>
  `${secret} is in ${place}, at byte ${offset}, ${form}`

const refuse = (found: readonly Finding[]): StepFault => {
  const [first] = found
  const others = found.length - 1
  const more = others === 0 ? '' : ` (and ${others} more)`
  return new StepFault(
    `a secret is where it must not be: ${first === undefined ? '' : describe(first)}${more}`,
    {
      code: 'B1001',
      ...(others === 0 ? {} : { lastLines: found.slice(0, mostListed).map(describe) }),
      help: 'take the value out of what it is in, and name it by a reference where it belongs; no output was written',
    },
  )
}

/**
 * The last look before anything is made of the plan: no secret of this build may be in anything but the one file that is
 * planned to hold it. Throws when one is; nothing has been written then.
 */
export const searchForSecrets = async (
  host: Host,
  plan: BuildPlan,
  materials: Materials,
  { nodes, documents, logs }: GateOptions,
): Promise<void> => {
  // Client keys are made at the first request; they are searched for too.
  for (const { user, groups, lifetimeDays } of plan.kubeconfigs)
    await materials.state.clientCertificate({ user, groups }, lifetimeDays)
  const { secrets, id } = await knownSecrets(plan, nodes, materials)
  const context: SearchContext = {
    host,
    built: materials.built,
    searcher: createSearcher(secrets),
    setId: id,
  }
  const found = [...(await searchShared(context, materials, plan, nodes))]
  for (const node of nodes) found.push(...(await searchSeed(context, materials, node)))
  found.push(...(await searchKubeconfigs(context, materials, plan)))
  found.push(...(await searchLogs(context, logs)))
  for (const [name, text] of Object.entries({ 'the plan': JSON.stringify(plan), ...documents }))
    found.push(...context.searcher.small(name, encode(text)))
  if (found.length > 0) throw refuse(found)
}
