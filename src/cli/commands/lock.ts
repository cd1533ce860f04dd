import { basename, dirname, join, resolve } from 'node:path'
import { sortDiagnostics } from '../../diagnostics/collector.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { hasErrors } from '../../diagnostics/diagnostic.ts'
import { decodeText } from '../../diagnostics/yaml/decode-text.ts'
import type { Host } from '../../host/host.ts'
import type { ArtifactStore } from '../../materialise/artifact-store.ts'
import { createArtifactStore } from '../../materialise/artifact-store.ts'
import { baseDisk, diskName } from '../../materialise/base-image/base-disk.ts'
import { createBuiltStore } from '../../materialise/built-store.ts'
import { cacheDirectory } from '../../materialise/cache-paths.ts'
import { createSecretReader } from '../../materialise/secrets/reader.ts'
import { sweepWorkFolders, withWorkFolder } from '../../materialise/work-folder.ts'
import { checkBaseImage } from '../../resolve/base-image/check-base-image.ts'
import { checkLock } from '../../resolve/check-lock.ts'
import { checkKernels } from '../../resolve/kernels/check-kernels.ts'
import type { Lock } from '../../resolve/lock.ts'
import { parseLock, printLock } from '../../resolve/lock-file.ts'
import type { LockRequest } from '../../resolve/lock-request.ts'
import type { Architecture } from '../../resolve/pins.ts'
import { pullSettings } from '../../resolve/pull-settings.ts'
import type { PlacedProblem } from '../../resolve/update-lock/images/image-problem.ts'
import { securityUpdates } from '../../resolve/update-lock/security-updates.ts'
import { readUserData } from '../../resolve/update-lock/user-data.ts'
import { readWorkloads } from '../../resolve/update-lock/workloads.ts'
import { updateLock } from '../../resolve/update-lock.ts'
import { checkDatastoreFiles } from '../datastore-check.ts'
import { exitCodes } from '../exit-codes.ts'
import { exportInputs } from '../export-inputs.ts'
import type { LoadedInputs } from '../load-profile.ts'
import { buildArchitecture, loadProfileInputs, lockPathOf } from '../load-profile.ts'
import { fetchLockedInputs } from '../locked-inputs.ts'
import type { LockOptions } from '../options.ts'
import { checkPageSize } from '../page-size-check.ts'
import { withPlaces } from '../place-fault.ts'
import { mustStop, reportDiagnostics, stopOnFaults } from '../report-diagnostics.ts'
import { restoreLockedImages } from '../restore-images.ts'

/** The lock there is, or null when there is none or it cannot be used. */
const readLock = async (host: Host, path: string): Promise<Lock | null> => {
  const bytes = await host.files.readBytes(path)
  if (bytes === undefined) return null
  const [source] = decodeText(path, bytes)
  const [lock, faults] = source === undefined ? [undefined, []] : parseLock(source)
  if (lock !== undefined) return lock
  host.report.warn(`${path} is not a usable lock (${faults[0]?.message ?? 'not UTF-8'}) and is written anew`)
  return null
}

/** A wished-for package that no archive has, where the profile names it. */
export const unknownPackages = (names: readonly string[], loaded: LoadedInputs): readonly Diagnostic[] =>
  names.map((name) => {
    const index = (loaded.checked.profile.base?.packages ?? []).indexOf(name)
    const { tree } = loaded.checked
    return {
      code: 'L0005' as const,
      severity: 'error' as const,
      message: `no suite of ${loaded.inputs.recipe.title} has a package ${name}`,
      range: tree.locate(index === -1 ? [] : ['base', 'packages', index]),
      help: 'check the name; https://packages.debian.org lists all packages',
    }
  })

/** What is wrong with an image, where the profile asks for it. */
const imageFaults = (problems: readonly PlacedProblem[], { checked }: LoadedInputs): readonly Diagnostic[] =>
  sortDiagnostics(
    problems.map(({ code, message, help, at }) => ({
      code,
      severity: 'error' as const,
      message,
      range: checked.tree.locate(at),
      help,
    })),
  )

const makeLock = async (
  host: Host,
  store: ArtifactStore,
  cache: string,
  loaded: LoadedInputs,
  options: LockOptions,
  previous: Lock | null,
): Promise<Lock | readonly Diagnostic[]> => {
  const { inputs, checked } = loaded
  const { artifacts } = options
  const folder = dirname(options.profile)
  const [workloads, workloadFaults] = await withWorkFolder(host, cache, 'workloads', (work) =>
    readWorkloads(host, store, work, {
      entries: inputs.workloads,
      tree: checked.tree,
      folder,
      tables: loaded.recipes.k3s,
      k3sVersion: inputs.k3sVersion,
    }),
  )
  const user = { files: host.files, folder, tree: checked.tree }
  const [userData, userDataFaults] = await readUserData(user, checked.profile)
  const faults = [...workloadFaults, ...userDataFaults]
  if (workloads === undefined || userData === undefined || mustStop(faults, options.strict)) return faults
  reportDiagnostics(faults, { ...options, format: 'text' })
  const secrets = createSecretReader(host, folder, checked.literals)
  const request: LockRequest = {
    recipe: inputs.recipe,
    requested: inputs.requested,
    wireless: inputs.wireless,
    firmware: inputs.firmware,
    kernels: inputs.kernels,
    givenPackages: inputs.givenPackages.map((name) => ({ name, path: resolve(folder, name) })),
    k3sVersion: inputs.k3sVersion,
    artifacts: artifacts ?? null,
    files: inputs.files.map((name) => ({ name, path: resolve(folder, name) })),
    workloads,
    userData,
    baseImage: inputs.baseImage,
    expandImage: async (artifact, form) =>
      join(
        await baseDisk(host, { artifacts: store, built: createBuiltStore(host, cache) }, { artifact, form }),
        diskName,
      ),
    images: inputs.images,
    pull: pullSettings(checked.profile),
    folder,
    readSecret: async (secret) => (await secrets.read(secret)).reveal(),
    previous,
  }
  const lock = await withPlaces(checked, () =>
    withWorkFolder(host, cache, 'lock', (work) =>
      updateLock(host, store, work, request, (chosen) =>
        fetchLockedInputs(host, store, chosen, {
          profile: options.profile,
          artifacts,
          buildArchitectures: [buildArchitecture()],
        }),
      ),
    ),
  )
  if ('problems' in lock) return imageFaults(lock.problems, loaded)
  if ('unknown' in lock) return unknownPackages(lock.unknown, loaded)
  // What only the packages of a kernel and a base image tell is told now, not when an image is built.
  const kernelFaults = [
    ...checkKernels(checked, loaded.recipes, lock),
    ...checkBaseImage(checked, loaded.recipes, lock),
  ]
  if (mustStop(kernelFaults, options.strict)) return kernelFaults
  reportDiagnostics(kernelFaults, { ...options, format: 'text' })
  const unfit = await checkPageSize(host, store, cache, lock, loaded)
  return unfit.length > 0 ? unfit : lock
}

const listUpdates = async (
  host: Host,
  cache: string,
  loaded: LoadedInputs,
  lock: Lock,
  { terminal, format }: LockOptions,
): Promise<number> => {
  // What is in a base image of the user's, its distribution updates.
  const updates =
    lock.base.image === null
      ? await withWorkFolder(host, cache, 'check', (folder) =>
          securityUpdates(host, folder, loaded.inputs.recipe, lock),
        )
      : []
  if (format === 'json') terminal.out(`${JSON.stringify({ created: lock.created, updates }, null, 2)}\n`)
  else {
    for (const { name, architecture, pinned, available } of updates) {
      terminal.out(`${name} ${architecture}: ${pinned} -> ${available}\n`)
    }
    terminal.err(`pinned packages with a newer security version: ${updates.length}\n`)
  }
  return exitCodes.ok
}

/** New pins are still for the cluster that was built with the old ones; a profile under a new name starts anew. */
export const withKnownCluster = (lock: Lock, previous: Lock | null, cluster: string): Lock => {
  const { cluster: _, ...pins } = lock
  const known = previous?.cluster
  return known?.name === cluster ? { ...pins, cluster: known } : pins
}

const missingLock = (profile: string): readonly Diagnostic[] => [
  {
    code: 'L0001',
    severity: 'error',
    message: `there is no usable lock ${lockPathOf(profile)}`,
    help: `run \`appliance lock ${profile}\``,
  },
]

/** Pins every input of a profile and fetches it; or lists security updates, or copies all inputs to a folder. */
export const run = async (host: Host, options: LockOptions): Promise<number> => {
  const [loaded, profileFaults] = await loadProfileInputs(host, options.profile, options)
  const fileFaults =
    loaded === undefined ? [] : await checkDatastoreFiles(host, options.profile, loaded.checked)
  const stopped = stopOnFaults(sortDiagnostics([...profileFaults, ...fileFaults]), options)
  if (stopped !== undefined || loaded === undefined) return stopped ?? exitCodes.profile
  const cache = cacheDirectory(host.environment)
  const store = createArtifactStore(host, cache)
  const lockPath = lockPathOf(options.profile)
  const previous = await readLock(host, lockPath)
  await sweepWorkFolders(host, cache)

  if (options.check) {
    if (previous !== null) return listUpdates(host, cache, loaded, previous, options)
    reportDiagnostics(missingLock(options.profile), options)
    return exitCodes.profile
  }
  // An export keeps what is pinned; only a lock that the profile has outgrown is made anew for it.
  const { checked, inputs } = loaded
  const keep =
    options.exportDirectory !== undefined &&
    previous !== null &&
    !hasErrors(checkLock(inputs, previous, checked.tree))
  const made = keep ? previous : await makeLock(host, store, cache, loaded, options, previous)
  if ('length' in made) {
    reportDiagnostics(made, options)
    return exitCodes.profile
  }
  const lock = withKnownCluster(made, previous, checked.profile.cluster.name)
  const changed = previous === null || printLock(lock) !== printLock(previous)
  if (changed) await host.files.writeAtomic(lockPath, printLock(lock), { durable: true })
  if (options.exportDirectory !== undefined) {
    const { artifacts } = options
    await fetchLockedInputs(host, store, lock, {
      profile: options.profile,
      artifacts,
      buildArchitectures: ['amd64', 'arm64'],
      restoreImages: () => restoreLockedImages(host, store, lock, loaded, options.profile),
    })
    await exportInputs(host, store, lock, basename(lockPath), options.exportDirectory)
  }
  printResult(lock, lockPath, changed, options)
  return exitCodes.ok
}

const printResult = (
  lock: Lock,
  path: string,
  changed: boolean,
  { terminal, format, exportDirectory }: LockOptions,
): void => {
  const packages = Object.fromEntries(
    Object.entries(lock.base.packages).map(([architecture, pins]) => {
      const kernels = Object.values(lock.base.kernels[architecture as Architecture] ?? {})
      return [architecture, pins.length + kernels.flatMap((kernel) => kernel.packages).length]
    }),
  )
  if (format === 'json') {
    const document = {
      lock: path,
      changed,
      created: lock.created,
      k3s: lock.k3s.version,
      packages,
      exported: exportDirectory ?? null,
    }
    terminal.out(`${JSON.stringify(document, null, 2)}\n`)
    return
  }
  const counts = Object.entries(packages).map(([architecture, count]) => `${count} ${architecture} packages`)
  terminal.err(
    `${path}: ${changed ? 'written' : 'unchanged'}: ${[`k3s ${lock.k3s.version}`, ...counts].join(', ')}\n`,
  )
  if (exportDirectory !== undefined) terminal.err(`${exportDirectory}: holds every input\n`)
}
