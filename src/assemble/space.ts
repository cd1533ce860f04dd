import { EnvironmentFault, StepFault } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import type { NodePlan } from '../plan/build-plan.ts'
import type { Geometry } from './geometry.ts'

const mib = 1024 * 1024

const inMib = (bytes: number): string => `${Math.ceil(bytes / mib)} MiB`

/** The exact check, after packing: the plan could only compare bounds. */
export const checkMedium = (node: NodePlan, geometry: Geometry<string>): void => {
  if (node.mediumBytes === null || geometry.imageSize <= node.mediumBytes) return
  throw new StepFault(
    `the image of ${node.name} takes ${inMib(geometry.imageSize)}, its medium holds ${inMib(node.mediumBytes)}`,
    { help: 'choose a larger medium, or take images out of the profile' },
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
