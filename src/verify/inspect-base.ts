import { fileManifest } from '../host/disk/file-manifest.ts'
import type { Host } from '../host/host.ts'
import type { BaseInspection, InspectedPartition } from './inspection.ts'

/** Of all file systems of a base only these hold files that a first start reads. */
const kindOf = ({ name, fileSystem }: InspectedPartition): 'fat' | 'ext' | undefined => {
  if (name === 'seed') return undefined
  if (fileSystem.startsWith('fat')) return 'fat'
  return fileSystem === 'ext4' && (name === 'boot' || name === 'OEM') ? 'ext' : undefined
}

/** Files of a base image of the user's with their hashes; nothing where the root is one of ours. */
export const inspectBase = async (
  host: Host,
  image: string,
  partitions: readonly InspectedPartition[],
): Promise<readonly BaseInspection[]> => {
  if (partitions.some(({ name }) => name === 'root-a')) return []
  const found: BaseInspection[] = []
  for (const partition of partitions) {
    const kind = kindOf(partition)
    if (kind === undefined) continue
    const files = await fileManifest(host, { path: image, offset: partition.offset, kind })
    found.push({
      partition: partition.number,
      files: [...files].map(([path, sha256]) => ({ path, sha256 })),
    })
  }
  return found
}
