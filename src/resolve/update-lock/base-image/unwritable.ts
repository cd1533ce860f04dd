import { needsRecovery } from '../../../host/disk/ext-recovery.ts'
import type { Host } from '../../../host/host.ts'
import type { BaseConfiguration, BasePartition } from '../../base-image/locked-base-image.ts'
import type { ImageFault } from './image-fault.ts'

/** Where a file of the base is to be written: told now, as the disk will be the same when it is. */
export const unwritable = async (
  host: Host,
  path: string,
  partitions: readonly BasePartition[],
  configuration: BaseConfiguration,
): Promise<ImageFault | undefined> => {
  if (configuration.way !== 'ignition-file') return undefined
  const partition = partitions.find(({ number }) => number === configuration.partition)
  if (partition === undefined || !(await needsRecovery(host, path, partition.offset))) return undefined
  return {
    code: 'L0080',
    message: `partition ${partition.number} of the base image was not closed cleanly, and is not written to`,
    help: 'use the image as it was downloaded, or mount and unmount that partition once where the image was made',
  }
}
