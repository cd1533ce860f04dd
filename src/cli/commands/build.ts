import { dirname, join } from 'node:path'
import { assemble } from '../../assemble/assemble.ts'
import type { AssembledOutput } from '../../assemble/output-folder.ts'
import { readProfileSecrets } from '../../assemble/secret-gate/known-secrets.ts'
import { humanSize } from '../../diagnostics/text-table.ts'
import type { Host } from '../../host/host.ts'
import { createArtifactStore } from '../../materialise/artifact-store.ts'
import { buildBase } from '../../materialise/base.ts'
import { baseDisk } from '../../materialise/base-image/base-disk.ts'
import { createBuiltStore } from '../../materialise/built-store.ts'
import { baseLog, cacheDirectory } from '../../materialise/cache-paths.ts'
import { buildImageArchive } from '../../materialise/image-archive.ts'
import type { Materials } from '../../materialise/materials.ts'
import { createSecretReader } from '../../materialise/secrets/reader.ts'
import { withLock } from '../../materialise/state/state-lock.ts'
import type { BuildPlan } from '../../plan/build-plan.ts'
import { verifyImages } from '../../verify/verify.ts'
import { checkState, openClusterState, stateDirectory } from '../cluster-state.ts'
import { checkDatastoreEndpoint, checkDatastoreLogin } from '../datastore-check.ts'
import { exitCodes } from '../exit-codes.ts'
import type { LoadedPlan } from '../load-plan.ts'
import { buildArchitecture } from '../load-profile.ts'
import { fetchLockedInputs } from '../locked-inputs.ts'
import type { BuildOptions, CommonOptions } from '../options.ts'
import { withPlaces } from '../place-fault.ts'
import { requirePlan } from '../require-plan.ts'
import { resourcePath } from '../resources.ts'
import { restoreLockedImages } from '../restore-images.ts'
import { toolVersion } from '../tool-version.ts'

/** Builds the images of a profile from what its lock names. */
export const run = async (host: Host, options: BuildOptions): Promise<number> => {
  const loaded = await requirePlan(host, options)
  if (typeof loaded === 'number') return loaded
  const { plan } = loaded
  if (options.newCluster && options.node !== undefined) {
    options.terminal.err(
      'error: --new-cluster gives every node new keys: images of the old cluster would lie beside those of the new one\n  help: leave out --node\n',
    )
    return exitCodes.usage
  }
  const folder = join(options.output, plan.cluster)
  await checkState(host, loaded, options)
  const outputs = await withLock(host, stateDirectory(options.profile, plan.cluster), () =>
    buildImages(host, loaded, options, folder),
  )
  printOutputs(plan, folder, outputs, options)
  return exitCodes.ok
}

/** What `replace` builds otherwise. */
export interface ReplacementBuild {
  readonly backup: ReadonlyMap<string, string>
}

/** From a plan to images that have been verified. Call it under the lock of the state. */
export const buildImages = async (
  host: Host,
  loaded: LoadedPlan,
  options: Omit<BuildOptions, 'offline'>,
  folder: string,
  replacement?: ReplacementBuild,
): Promise<readonly AssembledOutput[]> => {
  const { plan, lock, checked, resolved } = loaded
  const { datastore } = resolved.cluster
  const secrets = createSecretReader(host, dirname(options.profile), checked.literals)
  const wanted = plan.nodes.filter(({ name }) => options.node === undefined || name === options.node)
  // Before keys are made: a secret that cannot be found leaves no new cluster behind, and costs no time.
  await withPlaces(checked, () => readProfileSecrets(secrets, wanted))
  await withPlaces(checked, () => checkDatastoreEndpoint(host, datastore, secrets.read))
  // Next: who is asked for a passphrase waits for nothing more.
  const state = await openClusterState(host, loaded, secrets, options)
  const cache = cacheDirectory(host.environment)
  const artifacts = createArtifactStore(host, cache)
  await fetchLockedInputs(host, artifacts, lock, {
    profile: options.profile,
    artifacts: options.artifacts,
    buildArchitectures: [buildArchitecture()],
    restoreImages: () => restoreLockedImages(host, artifacts, lock, loaded, options.profile),
  })
  await withPlaces(checked, () => checkDatastoreLogin(host, datastore, artifacts, secrets.read))
  const built = createBuiltStore(host, cache)
  const bases = new Map<string, string>()
  for (const base of plan.bases.filter(({ id }) =>
    wanted.some(({ base: under }) => under.kind === 'made' && under.baseId === id),
  )) {
    bases.set(
      base.id,
      await buildBase(base, host, { artifacts, built, cache, images: resourcePath('images') }),
    )
  }
  const baseDisks = new Map<string, string>()
  for (const image of plan.baseImages) {
    const made = await withPlaces(checked, () => baseDisk(host, { artifacts, built }, image))
    baseDisks.set(image.id, made)
  }
  const materials: Materials = {
    artifacts,
    built,
    state,
    secrets,
    bases,
    baseDisks,
    imageArchive: (archive) => buildImageArchive(host, { artifacts, built, cache }, archive),
    logs: plan.bases.filter(({ id }) => bases.has(id)).map((base) => baseLog(cache, base)),
    ...(replacement === undefined ? {} : { backup: replacement.backup }),
  }
  const { node } = options
  const outputs = await withPlaces(checked, async () =>
    assemble(host, plan, materials, {
      folder,
      node,
      toolVersion: await toolVersion(host),
      k3sSource: lock.k3s.source,
      isReplacement: replacement !== undefined,
    }),
  )
  await verifyImages(host, plan, folder, outputs)
  return outputs
}

/** `more`: further fields of the JSON document. */
export const printOutputs = (
  plan: BuildPlan,
  folder: string,
  outputs: readonly AssembledOutput[],
  { terminal, format }: CommonOptions,
  more: object = {},
): void => {
  if (format === 'json') {
    const document = { cluster: plan.cluster, folder, outputs, ...more }
    terminal.out(`${JSON.stringify(document, null, 2)}\n`)
    return
  }
  for (const { file, sizeBytes, written } of outputs) {
    terminal.out(`${join(folder, file)}  ${humanSize(sizeBytes)}${written ? '' : '  unchanged'}\n`)
  }
}
