import { join } from 'node:path'
import type { Host } from '../host/host.ts'
import type { DiskPlan } from '../plan/build-plan.ts'
import type { Geometry } from './geometry.ts'
import { backupTableSize, sectorSize } from './geometry.ts'
import { withHybridMbr } from './hybrid-mbr.ts'
import type { PlacedName } from './image-content.ts'
import { quietSfdisk } from './quiet-sfdisk.ts'

/** What sfdisk is told: everything it could choose by itself is said, so that nothing is random. */
export const sfdiskScript = (disk: DiskPlan, geometry: Geometry<PlacedName>): string => {
  const lines = [
    'label: gpt',
    `label-id: ${disk.diskGuid.toUpperCase()}`,
    'unit: sectors',
    `sector-size: ${sectorSize}`,
    // Any other number, and Windows moves the entries away from sector 2, where a Pi looks for them (rpi-eeprom#585).
    ...(disk.table === 'hybrid' ? ['first-lba: 34'] : []),
    '',
    ...geometry.parts.map((part) => {
      const planned = disk.partitions.find(({ name }) => name === part.name)
      if (planned === undefined) throw new Error(`the disk plan has no partition ${part.name}`)
      const start = part.offset / sectorSize
      const size = part.size / sectorSize
      return `start=${start}, size=${size}, type=${planned.typeGuid.toUpperCase()}, uuid=${planned.partitionGuid.toUpperCase()}, name="${part.name}"`
    }),
  ]
  return `${lines.join('\n')}\n`
}

export interface PartitionTable {
  /** What lies before, and on an MBR between, the partitions. */
  readonly pieces: readonly { readonly offset: number; readonly bytes: Uint8Array }[]
  /** The last bytes of the disk, behind all partitions. */
  readonly end: Uint8Array
}

/** Lets sfdisk write the table to an empty file of the image's size, which stays a hole, and takes both ends of it. */
export const makePartitionTable = async (
  host: Host,
  disk: DiskPlan,
  geometry: Geometry<PlacedName>,
  workFolder: string,
): Promise<PartitionTable> => {
  const path = join(workFolder, 'table')
  const file = await host.files.open(path, 'create')
  await file.truncate(geometry.imageSize)
  await file.close()
  await host.exec(quietSfdisk(path), {
    input: sfdiskScript(disk, geometry),
    doing: 'write the partition table',
  })
  const head = await host.files.readRange(path, 0, disk.alignmentBytes)
  const end = await host.files.readRange(path, geometry.imageSize - backupTableSize, backupTableSize)
  await host.files.remove(path)
  const bytes = disk.table === 'hybrid' ? withHybridMbr(head, geometry) : head
  return { pieces: [{ offset: 0, bytes }], end }
}
