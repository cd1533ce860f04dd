import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'
import type { BaseConfiguration, BasePartition } from '../../base-image/locked-base-image.ts'
import { ignitionOf } from '../../base-image/locked-base-image.ts'
import { neededModules } from '../../base-image/needed-modules.ts'
import { hasAppArmor, lackingModules, readKernels } from './base-kernels.ts'
import type { RootFacts } from './base-software.ts'
import { baseSoftwareOf } from './base-software.ts'
import type { ImageFault } from './image-fault.ts'
import { lackingPrograms, neededFor } from './needed-programs.ts'
import { ownK3s } from './own-k3s.ts'
import { ownSeedFiles } from './own-seed.ts'
import { startedCloudInit } from './started-cloud-init.ts'

const modulesFault = (missing: readonly string[]): ImageFault | undefined =>
  missing.length === 0
    ? undefined
    : {
        code: 'L0092',
        message: `no kernel of the base image has ${missing.join(', ')}`,
        help: 'install a kernel that has them, or the package with the rest of its modules (linux-modules-extra of Ubuntu)',
      }

/** What is in the system of a base, or what is wrong with it whatever the profile says. */
export const lookAtRoot = async (
  root: FileSystemReader,
  partitions: readonly BasePartition[],
  configuration: BaseConfiguration,
): Promise<RootFacts | ImageFault> => {
  const own = await ownK3s(root)
  if (own !== undefined) return own
  if (ignitionOf(configuration) === null) {
    const used = (await startedCloudInit(root)) ?? (await ownSeedFiles(root, partitions, configuration))
    if (used !== undefined) return used
  }
  const kernels = await readKernels(root)
  const commandLine =
    configuration.way === 'boot-files' ? configuration.commandLines.map(({ text }) => text).join(' ') : ''
  const appArmor = await hasAppArmor(root, kernels, commandLine)
  return (
    (await lackingPrograms(root, neededFor(configuration, { appArmor }))) ??
    modulesFault(lackingModules(kernels, neededModules)) ??
    baseSoftwareOf(root, kernels)
  )
}
