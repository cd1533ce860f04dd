import { resolve } from 'node:path'
import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import { kernelKey } from '../profile/kernel-choice.ts'
import type { Lock } from './lock.ts'
import type { InputStore, LockRequest } from './lock-request.ts'
import type { ArtifactPin, PackagePin } from './pins.ts'
import type { UnknownPackages } from './update-lock/apt-packages.ts'
import { lockBaseImage } from './update-lock/base-image/lock-base-image.ts'
import type { PlacedProblem } from './update-lock/images/image-problem.ts'
import { lockImages } from './update-lock/images/lock-images.ts'
import { lockK3s } from './update-lock/k3s-files.ts'
import type { GivenKernels } from './update-lock/kernels/given-kernels.ts'
import { readGivenKernels } from './update-lock/kernels/given-kernels.ts'
import { describeKernels } from './update-lock/kernels/lock-kernels.ts'
import type { LockedPackages } from './update-lock/lock-packages.ts'
import { lockPackages } from './update-lock/lock-packages.ts'
import { newestTime, packageTimes } from './update-lock/package-times.ts'

/** Whole seconds, UTC: `2026-11-22T17:45:00Z`. */
const timeOf = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`

const lockFiles = async (
  host: Host,
  store: InputStore,
  request: LockRequest,
): Promise<readonly ArtifactPin[]> => {
  const pins: ArtifactPin[] = []
  for (const { name, path } of request.files) {
    if (!(await host.files.stat(path))?.isFile) {
      throw new EnvironmentFault(`${path} is missing`, `the profile names the file ${name}: put it there`)
    }
    pins.push({ ...(await store.addFile(path)), name })
  }
  return pins
}

/** What is wrong with images that the profile asks for. */
export interface ImageProblems {
  readonly problems: readonly PlacedProblem[]
}

/** Equal but for the time and the place where k3s was read. */
export const pinsEqual = (a: Lock, b: Lock): boolean => {
  const pins = ({ base, k3s, files, workloads, userData, images }: Lock): string =>
    JSON.stringify([
      base.recipe,
      base.archives,
      [base.requested.amd64, base.requested.arm64],
      [base.packages.amd64, base.packages.arm64],
      [base.kernels.amd64, base.kernels.arm64],
      [base.firmware.amd64, base.firmware.arm64],
      [base.tools.amd64, base.tools.arm64],
      base.image,
      [k3s.version, k3s.files.amd64, k3s.files.arm64, k3s.imageList, k3s.imageNames],
      files,
      workloads,
      userData,
      images,
    ])
  return pins(a) === pins(b)
}

/** The user's kernels beside those of the base, and their firmware in the place of the base's. */
const withGiven = (
  locked: LockedPackages | UnknownPackages,
  { kernels, firmware }: GivenKernels,
): LockedPackages | UnknownPackages => {
  if ('unknown' in locked || kernels.length + firmware.length === 0) return locked
  const own = Object.fromEntries(kernels.map((kernel) => [kernelKey(kernel), kernel]))
  const replaced = (pins: readonly PackagePin[]): readonly PackagePin[] =>
    pins.map((pin) => firmware.find(({ name }) => name === pin.name) ?? pin)
  return {
    ...locked,
    kernels: { ...locked.kernels, arm64: { ...locked.kernels.arm64, ...own } },
    firmware: Object.fromEntries(
      Object.entries(locked.firmware).map(([architecture, pins]) => [architecture, replaced(pins)]),
    ),
  }
}

/** In a base image nothing is installed. */
const noPackages = ({ requested }: LockRequest): LockedPackages => ({
  packages: Object.fromEntries(Object.keys(requested).map((architecture) => [architecture, []])),
  firmware: {},
  tools: {},
  kernels: {},
})

/**
 * Pins every input: asks the archives (their signatures are checked), the k3s release (its checksum list), the registries
 * and the user's own files. All of it is put into the store, Debian's packages by `fetchPackages`.
 */
export const updateLock = async (
  host: Host,
  store: InputStore,
  folder: string,
  request: LockRequest,
  fetchPackages: (lock: Lock) => Promise<void>,
): Promise<Lock | UnknownPackages | ImageProblems> => {
  const files = await lockFiles(host, store, request)
  const k3s = await lockK3s(host, store, request)
  const images = await lockImages(host, store, folder, request)
  if ('problems' in images) return images
  const given = await readGivenKernels(
    host,
    store,
    folder,
    request.givenPackages,
    Object.values(request.firmware).flat(),
  )
  if ('problems' in given) return given
  const image =
    request.baseImage === null
      ? null
      : await lockBaseImage(host, store, request.baseImage, {
          path: resolve(request.folder, request.baseImage.source),
          expand: request.expandImage,
          previous: request.previous?.base.image ?? null,
        })
  if (image !== null && 'code' in image) return { problems: [image] }
  const locked =
    image === null ? withGiven(await lockPackages(host, folder, request), given) : noPackages(request)
  if ('unknown' in locked) return locked
  const chosen: Lock = {
    lockVersion: 1,
    created: timeOf(host.now()),
    base: {
      recipe: request.recipe.name,
      archives: image === null ? request.recipe.archives : {},
      requested: request.requested,
      ...locked,
      times: {},
      image,
    },
    k3s,
    files,
    workloads: request.workloads,
    userData: request.userData,
    images,
  }
  await fetchPackages(chosen)
  const times = await packageTimes(host, store, chosen.base.packages)
  const { previous } = request
  const kernels = await describeKernels(
    host,
    store,
    chosen.base.kernels,
    request.kernels,
    previous?.base.kernels,
    (packages) => newestTime(host, store, packages),
  )
  const lock: Lock = { ...chosen, base: { ...chosen.base, times, kernels } }
  return previous !== null && pinsEqual(previous, lock) ? { ...lock, created: previous.created } : lock
}
