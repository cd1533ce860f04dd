import { join } from 'node:path'
import { EnvironmentFault } from '../../../diagnostics/fault.ts'
import type { Host } from '../../../host/host.ts'
import type { BaseRecipe } from '../../../recipes/recipe.ts'
import type { KernelRequest } from '../../kernels/kernel-request.ts'
import type { BoardFiles, LockedKernel } from '../../kernels/locked-kernel.ts'
import type { InputStore } from '../../lock-request.ts'
import type { Architecture, PackagePin } from '../../pins.ts'
import type { UnknownPackages } from '../apt-packages.ts'
import { choosePackages } from '../apt-packages.ts'
import type { AptRoot } from '../apt-root.ts'
import { createAptRoot } from '../apt-root.ts'
import { deviceTreesIn, packageContent } from './package-content.ts'

export type LockedKernels = Readonly<Partial<Record<Architecture, Readonly<Record<string, LockedKernel>>>>>

/** `linux-image-arm64`, or `linux-image-arm64/trixie-backports`: apt takes it and what it must have from that suite. */
const kernelPackageName = (
  recipe: BaseRecipe,
  { architecture, pages, source }: KernelRequest,
): string | undefined => {
  const name = recipe.kernels[architecture]?.[pages]
  const suite = recipe.kernelSuites[0]?.suite
  if (source === 'stable' || name === undefined) return name
  return suite === undefined ? undefined : `${name}/${suite}`
}

/** Debian names the package of a release by it. */
const releaseOf = (packages: readonly PackagePin[]): string | undefined =>
  packages.flatMap(({ name }) => /^linux-image-(\d.*)$/.exec(name)?.[1] ?? [])[0]

/** One of the base's own kernels: what it adds to the packages of the base. `release`, `time`, `board` follow from the files. */
export const chooseKernel = async (
  host: Host,
  folder: string,
  recipe: BaseRecipe,
  request: KernelRequest,
  {
    apt,
    requested,
    base,
  }: {
    /** The one that the packages of the base were chosen from. */
    readonly apt: AptRoot
    readonly requested: readonly string[]
    readonly base: readonly PackagePin[]
  },
): Promise<LockedKernel | UnknownPackages> => {
  const { architecture, pages, source } = request
  const name = kernelPackageName(recipe, request)
  if (name === undefined) {
    throw new EnvironmentFault(
      `${recipe.title} has no ${source} kernel with pages of ${pages.replace('k', ' KiB')} for ${architecture}`,
      'ask for another one by `base.kernel` or `pi.kernel`',
    )
  }
  const from =
    source === 'stable'
      ? apt
      : await createAptRoot(host, join(folder, 'kernels', architecture), recipe, architecture, [
          ...apt.suites,
          ...recipe.kernelSuites,
        ])
  const chosen = await choosePackages(from, [...requested, name], recipe.archives, { essential: true })
  if ('unknown' in chosen) return chosen
  const known = new Set(base.map(({ sha256 }) => sha256))
  const packages = chosen.filter(({ sha256 }) => !known.has(sha256))
  return { source, pages, release: releaseOf(packages) ?? '', packages, time: 0, board: null }
}

/** Device trees lie in one of the packages; the smallest are read first, since modules hold none and are large. */
const findBoardFiles = async (
  host: Host,
  store: InputStore,
  packages: readonly PackagePin[],
): Promise<BoardFiles | null> => {
  for (const pin of packages.toSorted((a, b) => a.sizeBytes - b.sizeBytes)) {
    const trees = deviceTreesIn(await packageContent(host, await store.path(pin)))
    if (trees !== undefined) return { package: pin.name, ...trees, overlays: null }
  }
  return null
}

const samePackages = (a: LockedKernel, b: LockedKernel | undefined): b is LockedKernel =>
  b !== undefined &&
  a.packages.map(({ sha256 }) => sha256).join() === b.packages.map(({ sha256 }) => sha256).join()

/** What the files of the kernels tell. They must be in the store. What the previous lock knows of the same files is kept. */
export const describeKernels = async (
  host: Host,
  store: InputStore,
  kernels: LockedKernels,
  requests: readonly KernelRequest[],
  previous: LockedKernels | undefined,
  timeOf: (packages: readonly PackagePin[]) => Promise<number>,
): Promise<LockedKernels> => {
  const described: Partial<Record<Architecture, Record<string, LockedKernel>>> = {}
  for (const { architecture, key, forBoards } of requests) {
    const kernel = kernels[architecture]?.[key]
    if (kernel === undefined) continue
    const before = previous?.[architecture]?.[key]
    const known = samePackages(kernel, before) ? before.board : null
    const board = !forBoards
      ? null
      : (kernel.board ?? known ?? (await findBoardFiles(host, store, kernel.packages)))
    const time = await timeOf(kernel.packages)
    described[architecture] = { ...described[architecture], [key]: { ...kernel, time, board } }
  }
  return described
}
