import { EnvironmentFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import type { NodePlan, PayloadPlan } from '../plan/build-plan.ts'
import type { Geometry } from './geometry.ts'

const mib = 1024 * 1024

const inMib = (bytes: number): string => `${Math.ceil(bytes / mib)} MiB`

/**
 * The exact check, after packing: the plan could only compare bounds. An image that fits is not enough: what k3s needs to
 * start must find room behind it.
 */
export const checkMedium = (
  { name, mediumBytes }: Pick<NodePlan, 'name' | 'mediumBytes'>,
  { imageSize }: Pick<Geometry<string>, 'imageSize'>,
  { onData }: Pick<PayloadPlan, 'onData'>,
): void => {
  if (mediumBytes === null || imageSize + onData.lower <= mediumBytes) return
  throw new EnvironmentFault(
    `the image of ${name} takes ${inMib(imageSize)} and k3s at least ${inMib(onData.lower)} behind it; its medium holds ${inMib(mediumBytes)}`,
    'choose a larger medium, or take images out of the profile',
    { code: 'B0054', at: { node: name, part: ['storage', 'size'] } },
  )
}

/** Fails before anything is written rather than in the middle of it. */
export const checkFreeSpace = async (host: Host, folder: string, neededBytes: number): Promise<void> => {
  const free = await host.files.freeBytes(folder)
  if (free >= neededBytes) return
  throw new EnvironmentFault(
    `${folder} has ${inMib(free)} free; the images take ${inMib(neededBytes)}`,
    'free space there, or name another folder with -o',
  )
}
