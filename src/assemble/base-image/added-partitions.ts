import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import { mbrEntryOffset, mbrEntrySize } from '../../host/disk/mbr-entries.ts'
import type { Host } from '../../host/host.ts'
import type { BaseImagePlan, DiskPlan } from '../../plan/build-plan.ts'
import type { Geometry } from '../geometry.ts'
import { backupTableSize, sectorSize } from '../geometry.ts'
import type { PlacedName } from '../image-content.ts'
import { placeOf } from '../image-content.ts'
import type { PartitionTable } from '../partition-table.ts'
import { quietSfdisk } from '../quiet-sfdisk.ts'
import type { Span } from './changed-byte.ts'
import { changedByte } from './changed-byte.ts'
import { headBytes } from './image-geometry.ts'
import {
  addedLinks,
  extendedOf,
  readChain,
  stretchExtended,
  stretchSpans,
  writeChain,
} from './logical-partitions.ts'
import { gptEntry, isSameRoot, renumberedLines, takeOut } from './renumbered-root.ts'
import { shortenedGpt } from './shortened-gpt.ts'

/** The first of the four entries of an MBR that the base leaves free; `lock` has seen that there is one. */
const extendedNumber = ({ partitions }: BaseImagePlan): number => {
  const free = [1, 2, 3, 4].find((number) => !partitions.some((each) => each.number === number))
  if (free === undefined) throw new Error('the plan has a base image whose MBR is full')
  return free
}

/** Lines for `sfdisk --append`; `file` is what it is given, which begins each line. `root`: see takeOut. */
const addedPartitions = (
  file: string,
  image: BaseImagePlan,
  disk: DiskPlan,
  { geometry, root }: { readonly geometry: Geometry<PlacedName>; readonly root: string },
): string => {
  const line = (number: number, offset: number, size: number, rest: string): string =>
    `${file}${number} : start=${offset / sectorSize}, size=${size / sectorSize}, ${rest}\n`
  const ours = disk.partitions.map(({ name, number, typeGuid, partitionGuid }) => {
    const { offset, size } = placeOf(geometry, name)
    const identity = partitionGuid === '' ? '' : `, uuid=${partitionGuid.toUpperCase()}, name="${name}"`
    return line(number, offset, size, `type=${typeGuid.toUpperCase()}${identity}`)
  })
  const start = placeOf(geometry, 'payload').offset - disk.alignmentBytes
  if (image.renumbered !== undefined)
    return [renumberedLines(file, disk, image.renumbered, { root, offset: start }), ...ours].join('')
  if (disk.table !== 'mbr' || extendedOf(image) !== undefined) return ours.join('')
  return [line(extendedNumber(image), start, geometry.imageSize - start, 'type=f'), ...ours].join('')
}

/** What of a base's first sectors may differ when ours are added: never one of its own entries, its boot code or its id. */
const changeableSpans = (before: Buffer, image: BaseImagePlan, disk: DiskPlan): readonly Span[] => {
  const mbrEntry = (number: number): Span => {
    const start = mbrEntryOffset(number)
    return [start, start + mbrEntrySize]
  }
  if (disk.table === 'mbr') {
    const extended = extendedOf(image)
    return extended === undefined
      ? [mbrEntry(extendedNumber(image))]
      : stretchSpans(mbrEntry(extended.number)[0])
  }
  // The guarding entry of the MBR says the disk's size.
  const { renumbered } = image
  const guard = [1, 2, 3, 4].filter((number) => before[mbrEntry(number)[0] + 4] === 0xee)
  return [
    ...guard.map(mbrEntry),
    [sectorSize, 2 * sectorSize],
    ...disk.partitions.map(({ number }) => gptEntry(before, number)),
    ...(renumbered === undefined ? [] : [renumbered.from, renumbered.to]).map((number) =>
      gptEntry(before, number),
    ),
  ]
}

/**
 * Adds our partitions to a copy of the base's first sectors, by sfdisk in an empty file of the image's size, and takes what
 * it wrote. Their entries are compared byte by byte with what they were.
 */
export const extendTable = async (
  host: Host,
  image: BaseImagePlan,
  disk: DiskPlan,
  geometry: Geometry<PlacedName>,
  { basePath, workFolder }: { readonly basePath: string; readonly workFolder: string },
): Promise<PartitionTable> => {
  const path = join(workFolder, 'table')
  const length = headBytes(image, disk)
  const before = Buffer.from(await host.files.readRange(basePath, 0, length))
  const file = await host.files.open(path, 'create')
  const extended = extendedOf(image)
  const chain = extended === undefined ? [] : await readChain(host, basePath)
  await file.truncate(
    extended === undefined ? geometry.imageSize : Math.max(geometry.imageSize, image.diskBytes),
  )
  const isLarger = disk.table === 'gpt' && image.diskBytes > geometry.imageSize
  await file.write(isLarger ? shortenedGpt(before, geometry.imageSize) : before, 0)
  await writeChain(file, chain)
  await file.close()
  if (extended !== undefined) await stretchExtended(host, path, extended, geometry.imageSize)
  const { renumbered } = image
  const root = renumbered === undefined ? '' : await takeOut(host, path, renumbered)
  await host.exec(quietSfdisk('--append', path), {
    input: addedPartitions(path, image, disk, { geometry, root }),
    doing: 'add partitions to the base image',
  })
  const after = Buffer.from(await host.files.readRange(path, 0, length))
  const changed = changedByte(before, after, changeableSpans(before, image, disk))
  if (changed !== undefined) throw new Error(`sfdisk changed byte ${changed} of the base image`)
  if (renumbered !== undefined && !isSameRoot(before, after, renumbered))
    throw new Error('sfdisk changed the entry of the root of the base image')
  const between = disk.table === 'mbr' ? addedLinks(chain, await readChain(host, path), image) : []
  const endBytes = disk.table === 'mbr' ? 0 : backupTableSize
  const end = await host.files.readRange(path, geometry.imageSize - endBytes, endBytes)
  await host.files.remove(path)
  return { pieces: [{ offset: 0, bytes: after }, ...between], end }
}
