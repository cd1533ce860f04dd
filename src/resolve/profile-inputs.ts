import { givenPackages } from '../profile/kernel-choice.ts'
import type { CheckedProfile } from '../profile/validate.ts'
import type { WorkloadEntry } from '../profile/workload-entry.ts'
import { workloadEntries } from '../profile/workload-entry.ts'
import type { Recipes } from '../recipes/read-recipes.ts'
import type { BaseRecipe, BoardRecipe } from '../recipes/recipe.ts'
import type { BaseImageRequest } from './base-image/base-image-request.ts'
import { baseImageRequest } from './base-image/base-image-request.ts'
import { datastoreFiles } from './datastore.ts'
import type { ImageRequest } from './image-requests.ts'
import { imageRequests } from './image-requests.ts'
import type { KernelRequest } from './kernels/kernel-request.ts'
import { kernelRequests } from './kernels/kernel-request.ts'
import type { Architecture } from './pins.ts'
import { registryFiles } from './registries.ts'
import { requestedPackages } from './requested-packages.ts'

/** What a profile needs from outside, before anything is pinned: `lock` asks for it, `resolve` compares with the lock. */
export interface ProfileInputs {
  readonly recipe: BaseRecipe
  /** A disk image in the place of a base by the recipe: then there are no packages, no kernels and no firmware. */
  readonly baseImage: BaseImageRequest | null
  /** In use by at least one node, sorted. */
  readonly architectures: readonly Architecture[]
  readonly requested: Readonly<Partial<Record<Architecture, readonly string[]>>>
  /** Architectures with a node that joins a wireless network: firmware of radios is looked for beside `requested`. */
  readonly wireless: readonly Architecture[]
  /** Packages that boards in use take firmware from, sorted; only architectures with such a board. */
  readonly firmware: Readonly<Partial<Record<Architecture, readonly string[]>>>
  /** Kernels that nodes run, and the user's packages of one, by the path in the profile. */
  readonly kernels: readonly KernelRequest[]
  readonly givenPackages: readonly string[]
  readonly k3sVersion: string
  /** The user's own files, by the path in the profile, sorted, each once. */
  readonly files: readonly string[]
  /** Manifests and charts. */
  readonly workloads: readonly WorkloadEntry[]
  /** Fragments for the provisioning, by the path in the profile, in its order. */
  readonly userData: readonly string[]
  /** Container images beside k3s's own. */
  readonly images: readonly ImageRequest[]
}

export const defaultBase = 'debian-13'
export const defaultFrontEnd = 'cloud-init'

/** Undefined when a recipe that validation has seen is gone. */
export const profileInputs = (
  { profile, nodes }: CheckedProfile,
  recipes: Recipes,
): ProfileInputs | undefined => {
  const recipe = recipes.bases[profile.base?.os ?? defaultBase]
  if (recipe === undefined) return undefined
  const boards = nodes.flatMap(({ board }) => recipes.boards[board ?? ''] ?? [])
  const architectures = [...new Set(boards.map(({ architecture }) => architecture))].toSorted()
  const baseImage = baseImageRequest(profile)
  const isMade = baseImage === null
  const radios = isMade ? radioPackages(nodes, recipes, recipe) : {}
  const files = [
    ...datastoreFiles(profile.cluster.k3s.datastore),
    ...[profile.cluster.k3s.datastore?.snapshots?.s3?.ca].filter((path) => path !== undefined),
    ...registryFiles(profile),
  ]
  return {
    recipe,
    baseImage,
    architectures,
    requested: Object.fromEntries(
      architectures.map((architecture) => [
        architecture,
        isMade
          ? requestedPackages(
              recipe,
              profile.provision ?? defaultFrontEnd,
              architecture,
              profile.base?.packages ?? [],
              radios[architecture] ?? [],
            )
          : [],
      ]),
    ),
    wireless: architectures.filter((architecture) => radios[architecture] !== undefined),
    firmware: isMade ? firmwarePackages(boards) : {},
    kernels: isMade ? kernelRequests({ profile, nodes }, recipes) : [],
    givenPackages: givenPackages(profile),
    k3sVersion: profile.cluster.k3s.version,
    files: [...new Set(files)].toSorted(),
    workloads: workloadEntries(profile),
    userData: profile.userData ?? [],
    images: imageRequests(profile, architectures),
  }
}

/** What nodes with a radio in use need; the base is shared, so that the others of the architecture have it, too. */
const radioPackages = (
  nodes: CheckedProfile['nodes'],
  recipes: Recipes,
  { wirelessPackages }: BaseRecipe,
): Readonly<Partial<Record<Architecture, readonly string[]>>> => {
  const names: Partial<Record<Architecture, readonly string[]>> = {}
  for (const { board: name, network } of nodes) {
    const board = recipes.boards[name ?? '']
    if (board === undefined || network.wifi === undefined) continue
    const known = names[board.architecture] ?? wirelessPackages
    names[board.architecture] = [...known, ...board.wirelessPackages]
  }
  return names
}

const firmwarePackages = (boards: readonly BoardRecipe[]): ProfileInputs['firmware'] => {
  const names: Partial<Record<Architecture, readonly string[]>> = {}
  for (const { architecture, firmware } of boards) {
    if (firmware === 'uefi' || firmware.files.length === 0) continue
    names[architecture] = [...new Set([...(names[architecture] ?? []), firmware.package])].toSorted()
  }
  return names
}
