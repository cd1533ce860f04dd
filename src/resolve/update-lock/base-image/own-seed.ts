import type { FileSystemReader } from '../../../host/disk/file-system-reader.ts'
import type { BaseConfiguration, BasePartition } from '../../base-image/locked-base-image.ts'
import type { CloudInitFacts } from './cloud-init-facts.ts'
import type { ImageFault } from './image-fault.ts'

const ownSeed = (what: string, help: string): ImageFault => ({
  code: 'L0091',
  message: `the base image has documents for cloud-init of its own: ${what}`,
  help,
})

/** Of the datasource's settings: cloud-init asks there, whatever else it has found (DataSourceNoCloud.py, _get_data). */
export const ownSeedAddress = ({ seedFrom, inline }: CloudInitFacts): ImageFault | undefined => {
  if (inline)
    return ownSeed(
      '`user-data` and `meta-data` below `datasource: NoCloud`',
      'remove them from /etc/cloud/cloud.cfg.d of the image',
    )
  if (seedFrom === undefined || !/^(?:https?|ftps?):/.test(seedFrom)) return undefined
  return ownSeed(
    `it takes them from ${seedFrom}`,
    'remove `seedfrom` from /etc/cloud/cloud.cfg.d of the image: documents of a node come with its seed',
  )
}

const seedFolders = ['/var/lib/cloud/seed/nocloud', '/var/lib/cloud/seed/nocloud-net']

/** File systems that NoCloud mounts for its label. */
const seedSystems = ['vfat', 'iso9660']

/** Where NoCloud looks before it looks at ours, or that it takes for ours: of two labels the last name of a device counts, as text. */
export const ownSeedFiles = async (
  root: Pick<FileSystemReader, 'list'>,
  partitions: readonly BasePartition[],
  { way }: BaseConfiguration,
): Promise<ImageFault | undefined> => {
  for (const folder of seedFolders) {
    const names = await root.list(folder)
    if (names.includes('meta-data') && names.includes('user-data'))
      return ownSeed(folder, `remove ${folder} from the image, and name what it says under \`userData\``)
  }
  const labelled = partitions.find(
    ({ label, fileSystem }) => label.toLowerCase() === 'cidata' && seedSystems.includes(fileSystem),
  )
  if (way !== 'cidata' || labelled === undefined) return undefined
  return ownSeed(
    `partition ${labelled.number} is labelled ${labelled.label}`,
    'give it another label or remove it, and name what it says under `userData`',
  )
}
