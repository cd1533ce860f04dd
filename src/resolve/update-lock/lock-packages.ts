import { join } from 'node:path'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import { withTask } from '../../host/with-task.ts'
import type { BaseRecipe } from '../../recipes/recipe.ts'
import type { LockedKernel } from '../kernels/locked-kernel.ts'
import type { LockRequest } from '../lock-request.ts'
import type { Architecture, PackagePin } from '../pins.ts'
import type { UnknownPackages } from './apt-packages.ts'
import { chooseFiles, choosePackages } from './apt-packages.ts'
import type { AptRoot } from './apt-root.ts'
import { createAptRoot } from './apt-root.ts'
import { chooseKernel } from './kernels/lock-kernels.ts'

/** What packages are chosen by. */
type PackageRequest = Pick<
  LockRequest,
  'recipe' | 'requested' | 'firmware' | 'wireless' | 'kernels' | 'previous'
>

export interface LockedPackages {
  readonly packages: Partial<Record<Architecture, readonly PackagePin[]>>
  readonly firmware: Partial<Record<Architecture, readonly PackagePin[]>>
  readonly tools: Partial<Record<Architecture, readonly PackagePin[]>>
  /** The base's own; those of the user are read from their files. */
  readonly kernels: Partial<Record<Architecture, Record<string, LockedKernel>>>
}

/** The archives never change a file under its name; whoever serves another one is not to be trusted. */
export const checkUnchanged = (
  now: readonly PackagePin[],
  pinned: readonly PackagePin[] | undefined,
): void => {
  const before = new Map((pinned ?? []).map((pin) => [`${pin.archive} ${pin.filename}`, pin.sha256]))
  for (const pin of now) {
    const sha256 = before.get(`${pin.archive} ${pin.filename}`)
    if (sha256 === undefined || sha256 === pin.sha256) continue
    throw new EnvironmentFault(
      `${pin.filename} changed in the archive: the lock pins sha256 ${sha256}, the archive now has ${pin.sha256}`,
      'an archive never changes a file under its name: find out why; to accept it, delete the lock file',
    )
  }
}

const lists = ['amd64', 'arm64'] as const satisfies readonly Architecture[]

/**
 * Chooses the packages of each architecture in use, and the tools of each architecture that may build: with both pinned,
 * the same lock builds on either.
 */
export const lockPackages = async (
  host: Host,
  folder: string,
  request: PackageRequest,
): Promise<LockedPackages | UnknownPackages> => {
  const { recipe, previous } = request
  const packages: LockedPackages['packages'] = {}
  const firmware: LockedPackages['firmware'] = {}
  const tools: LockedPackages['tools'] = {}
  const kernels: LockedPackages['kernels'] = {}
  const progress = { total: lists.length, unit: 'steps' } as const
  return withTask(host.report, 'choose packages', progress, async (task) => {
    for (const [index, architecture] of lists.entries()) {
      task.progress(index, architecture)
      const apt = await aptFor(host, folder, recipe, architecture)
      const chosenTools = await choosePackages(apt, recipe.tools, recipe.archives, { essential: false })
      if ('unknown' in chosenTools) return chosenTools
      tools[architecture] = chosenTools
      const requested = request.requested[architecture]
      if (requested === undefined) continue
      const source = request.wireless.includes(architecture)
        ? await withFirmware(host, join(folder, 'wireless'), recipe, architecture)
        : apt
      const chosen = await choosePackages(source, requested, recipe.archives, { essential: true })
      if ('unknown' in chosen) return chosen
      checkUnchanged(chosen, previous?.base.packages[architecture])
      packages[architecture] = chosen
      for (const kernelRequest of request.kernels) {
        if (kernelRequest.architecture !== architecture || kernelRequest.source === 'given') continue
        const { key } = kernelRequest
        const base = { apt: source, requested, base: chosen }
        const kernel = await chooseKernel(host, folder, recipe, kernelRequest, base)
        if ('unknown' in kernel) return kernel
        checkUnchanged(kernel.packages, previous?.base.kernels[architecture]?.[key]?.packages)
        kernels[architecture] = { ...kernels[architecture], [key]: kernel }
      }
      const names = request.firmware[architecture]
      if (names === undefined) continue
      const pinned = await chooseFirmware(host, join(folder, 'firmware'), recipe, architecture, names)
      if ('unknown' in pinned) return pinned
      checkUnchanged(pinned, previous?.base.firmware[architecture])
      firmware[architecture] = pinned
    }
    return { packages, firmware, tools, kernels }
  })
}

const aptFor = (
  host: Host,
  folder: string,
  recipe: BaseRecipe,
  architecture: Architecture,
): Promise<AptRoot> => createAptRoot(host, join(folder, architecture), recipe, architecture)

/** Firmware of radios has its place in the root, with what it depends on; whatever is in main still comes from there. */
const withFirmware = (
  host: Host,
  folder: string,
  recipe: BaseRecipe,
  architecture: Architecture,
): Promise<AptRoot> =>
  createAptRoot(host, join(folder, architecture), recipe, architecture, [
    ...recipe.suites,
    ...recipe.firmwareSuites,
  ])

/** Only the packages themselves: what they depend on belongs to scripts that are never run. */
const chooseFirmware = async (
  host: Host,
  folder: string,
  recipe: BaseRecipe,
  architecture: Architecture,
  names: readonly string[],
): Promise<readonly PackagePin[] | UnknownPackages> => {
  const apt = await createAptRoot(
    host,
    join(folder, architecture),
    recipe,
    architecture,
    recipe.firmwareSuites,
  )
  return chooseFiles(apt, names, recipe.archives)
}
