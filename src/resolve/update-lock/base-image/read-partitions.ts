import type { Host } from '../../../host/host.ts'
import { isExtended } from '../../base-image/extended-partition.ts'
import type { BasePartition } from '../../base-image/locked-base-image.ts'
import type { DiskTable } from './read-table.ts'

/** Each partition with its file system, as blkid(8) finds it by looking at its bytes; an extended one is none. */
export const readPartitions = async (
  host: Host,
  path: string,
  partitions: DiskTable['partitions'],
): Promise<readonly BasePartition[]> => {
  const found: BasePartition[] = []
  for (const partition of partitions) {
    if (isExtended(partition)) {
      found.push({ ...partition, fileSystem: '', label: '' })
      continue
    }
    const { stdout } = await host.exec(
      [
        ...['blkid', '--probe', '--output', 'export'],
        ...['--offset', String(partition.offset), '--size', String(partition.size), path],
      ],
      // 2: nothing that it knows
      { doing: 'look for file systems in the base image', okCodes: [0, 2, 8] },
    )
    const value = (key: string): string =>
      new RegExp(`^${key}=(.*)$`, 'm').exec(stdout)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? ''
    found.push({ ...partition, fileSystem: value('TYPE'), label: value('LABEL') })
  }
  return found
}
