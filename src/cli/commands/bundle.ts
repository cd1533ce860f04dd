import { dirname } from 'node:path'
import { writeBundle } from '../../assemble/bundle.ts'
import { searchForSecrets } from '../../assemble/secret-gate/gate.ts'
import { readProfileSecrets } from '../../assemble/secret-gate/known-secrets.ts'
import { refuseSecretsInSharedParts } from '../../assemble/shared-parts.ts'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import { humanSize } from '../../diagnostics/text-table.ts'
import type { Host } from '../../host/host.ts'
import { createArtifactStore } from '../../materialise/artifact-store.ts'
import { createBuiltStore } from '../../materialise/built-store.ts'
import { cacheDirectory } from '../../materialise/cache-paths.ts'
import { buildImageArchive } from '../../materialise/image-archive.ts'
import type { Materials } from '../../materialise/materials.ts'
import { createSecretReader } from '../../materialise/secrets/reader.ts'
import { withLock } from '../../materialise/state/state-lock.ts'
import { hasState } from '../../materialise/state/state-store.ts'
import type { PayloadPlan } from '../../plan/build-plan.ts'
import { openClusterState, stateDirectory } from '../cluster-state.ts'
import { exitCodes } from '../exit-codes.ts'
import type { LoadedPlan } from '../load-plan.ts'
import { buildArchitecture } from '../load-profile.ts'
import { fetchLockedInputs } from '../locked-inputs.ts'
import type { BundleOptions } from '../options.ts'
import { withPlaces } from '../place-fault.ts'
import { requirePlan } from '../require-plan.ts'
import { restoreLockedImages } from '../restore-images.ts'

/** Payloads that are asked for; or why there are none. */
const chosenPayloads = (
  { plan }: LoadedPlan,
  { node, architecture, file }: BundleOptions,
): readonly PayloadPlan[] | string => {
  const wanted = plan.nodes.find(({ name }) => name === node)?.architecture
  const chosen = plan.payloads.filter(
    (payload) =>
      (architecture === undefined || payload.architecture === architecture) &&
      (wanted === undefined || payload.architecture === wanted),
  )
  const there = plan.payloads.map((payload) => payload.architecture).join(', ')
  if (chosen.length === 0) return `the profile has no node for ${architecture ?? ''}; there are: ${there}`
  if (chosen.length > 1 && file !== undefined)
    return `one file holds one architecture, and there are: ${there}; choose by --arch`
  return chosen
}

/** The state of a cluster that was built: a bundle is searched for what is in it. */
const requireState = async (host: Host, { plan }: LoadedPlan, profile: string): Promise<void> => {
  if (await hasState(host, stateDirectory(profile, plan.cluster))) return
  throw new EnvironmentFault(
    `the cluster ${plan.cluster} has not been built: a bundle is for the nodes of one that has`,
    `run \`appliance build ${profile}\` first, or put its state beside the profile`,
  )
}

/** Writes the payload alone, for nodes that run already. */
export const run = async (host: Host, options: BundleOptions): Promise<number> => {
  const loaded = await requirePlan(host, options)
  if (typeof loaded === 'number') return loaded
  const { plan, lock, checked } = loaded
  const payloads = chosenPayloads(loaded, options)
  if (typeof payloads === 'string') {
    options.terminal.err(`error: ${payloads}\n`)
    return exitCodes.usage
  }
  await requireState(host, loaded, options.profile)
  const nodes = plan.nodes.filter(({ payloadId }) => payloads.some(({ id }) => id === payloadId))
  const secrets = createSecretReader(host, dirname(options.profile), checked.literals)
  const bundles = await withLock(host, stateDirectory(options.profile, plan.cluster), async () => {
    await withPlaces(checked, () => readProfileSecrets(secrets, nodes))
    const request = { profile: options.profile, output: 'out', newCluster: false, terminal: options.terminal }
    const state = await openClusterState(host, loaded, secrets, request)
    const cache = cacheDirectory(host.environment)
    const artifacts = createArtifactStore(host, cache)
    const built = createBuiltStore(host, cache)
    await fetchLockedInputs(host, artifacts, lock, {
      profile: options.profile,
      artifacts: options.artifacts,
      buildArchitectures: [buildArchitecture()],
      restoreImages: () => restoreLockedImages(host, artifacts, lock, loaded, options.profile),
    })
    const materials: Materials = {
      artifacts,
      built,
      state,
      secrets,
      bases: new Map(),
      baseDisks: new Map(),
      imageArchive: (archive) => buildImageArchive(host, { artifacts, built, cache }, archive),
    }
    refuseSecretsInSharedParts(plan)
    await searchForSecrets(host, plan, materials, { nodes, documents: {}, logs: [] })
    const written = []
    for (const payload of payloads) {
      const file = options.file ?? `${plan.cluster}-${payload.architecture}.bundle.tar`
      written.push({
        file,
        architecture: payload.architecture,
        ...(await writeBundle(host, materials, plan, payload, file)),
      })
    }
    return written
  })
  if (options.format === 'json')
    options.terminal.out(`${JSON.stringify({ cluster: plan.cluster, bundles }, null, 2)}\n`)
  else
    for (const { file, sizeBytes, sha256 } of bundles)
      options.terminal.out(`${file}  ${humanSize(sizeBytes)}  sha256 ${sha256}\n`)
  return exitCodes.ok
}
