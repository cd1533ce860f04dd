import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import type { Lock } from './lock.ts'
import type { InputStore, LockRequest } from './lock-request.ts'
import type { ArtifactPin } from './pins.ts'
import type { UnknownPackages } from './update-lock/apt-packages.ts'
import type { PlacedProblem } from './update-lock/images/image-problem.ts'
import { lockImages } from './update-lock/images/lock-images.ts'
import { lockK3s } from './update-lock/k3s-files.ts'
import { lockPackages } from './update-lock/lock-packages.ts'
import { packageTimes } from './update-lock/package-times.ts'

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
      [base.firmware.amd64, base.firmware.arm64],
      [base.tools.amd64, base.tools.arm64],
      [k3s.version, k3s.files.amd64, k3s.files.arm64, k3s.imageList, k3s.imageNames],
      files,
      workloads,
      userData,
      images,
    ])
  return pins(a) === pins(b)
}

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
  const locked = await lockPackages(host, folder, request)
  if ('unknown' in locked) return locked
  const chosen: Lock = {
    lockVersion: 1,
    created: timeOf(host.now()),
    base: {
      recipe: request.recipe.name,
      archives: request.recipe.archives,
      requested: request.requested,
      ...locked,
      times: {},
    },
    k3s,
    files,
    workloads: request.workloads,
    userData: request.userData,
    images,
  }
  await fetchPackages(chosen)
  const times = await packageTimes(host, store, chosen.base.packages)
  const lock: Lock = { ...chosen, base: { ...chosen.base, times } }
  const { previous } = request
  return previous !== null && pinsEqual(previous, lock) ? { ...lock, created: previous.created } : lock
}
