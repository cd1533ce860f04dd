import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Host } from '../../host/host.ts'
import type { BaseFile, BaseImagePlan, BasePartition, NodePlan } from '../../plan/build-plan.ts'
import { usedBytes } from '../../plan/build-plan.ts'
import type { Geometry } from '../geometry.ts'
import type { ImageContent, PartPiece, PlacedName } from '../image-content.ts'
import { wholePart } from '../image-content.ts'
import { readChunks } from '../read-chunks.ts'
import type { NodePart, SharedPart } from '../shared-parts.ts'
import { writeSparse } from '../sparse-writer.ts'
import { extendTable } from './added-partitions.ts'
import { headBytes } from './image-geometry.ts'
import { resumePoint } from './resume-point.ts'
import { writeBaseFiles } from './write-base-files.ts'

const find = (shared: readonly NodePart[], name: NodePart['name']): SharedPart => {
  const found = shared.find((each) => each.name === name)
  if (found === undefined) throw new Error(`the node has no part ${name}`)
  return found.part
}

const copyStretch = async (
  host: Host,
  from: string,
  { offset, size }: BasePartition,
  to: string,
): Promise<void> => {
  const source = await host.files.open(from, 'read')
  const target = await host.files.open(to, 'create')
  try {
    await target.truncate(size)
    await readChunks(host, source, size, (chunk, position) => writeSparse(target, chunk, position), offset)
  } finally {
    await source.close()
    await target.close()
  }
}

/** A partition of the base with the files of a node in it. */
const writtenPartition = async (
  host: Host,
  base: SharedPart,
  partition: BasePartition,
  files: readonly BaseFile[],
  { name, epoch, workFolder }: { readonly name: string; readonly epoch: number; readonly workFolder: string },
): Promise<PartPiece> => {
  const folder = join(workFolder, `${name}.${partition.number}`)
  const path = join(folder, 'partition')
  await host.files.makeDirectory(folder)
  await copyStretch(host, base.path, partition, path)
  await writeBaseFiles(host, { path, partition, files, epoch, workFolder })
  const sha256 = await host.files.sha256(path)
  const id = createHash('sha256').update(`${base.id} ${partition.number} ${sha256}`).digest('hex')
  const part: SharedPart = { kind: 'base-files', id, folder, path, sizeBytes: partition.size, sha256 }
  return { name: 'base', offset: partition.offset, part, from: 0, sizeBytes: partition.size }
}

interface Stretch {
  readonly offset: number
  readonly sizeBytes: number
}

/** What is left of `start` up to `end` beside these, as stretches of the base's disk. */
const stretchesBeside = (
  base: SharedPart,
  start: number,
  end: number,
  written: readonly Stretch[],
): readonly PartPiece[] => {
  const stretches: PartPiece[] = []
  let from = start
  const add = (to: number): void => {
    if (from < to) stretches.push({ name: 'base', offset: from, part: base, from, sizeBytes: to - from })
  }
  for (const { offset, sizeBytes } of written.toSorted((a, b) => a.offset - b.offset)) {
    add(offset)
    from = offset + sizeBytes
  }
  add(end)
  return stretches
}

/** The base as it is but for its partition table and the files of the node, and the payload behind it. */
export const behindBase = async (
  host: Host,
  image: BaseImagePlan,
  { name, disk, base: under, seed }: NodePlan,
  options: {
    readonly geometry: Geometry<PlacedName>
    readonly shared: readonly NodePart[]
    readonly workFolder: string
  },
): Promise<Pick<ImageContent, 'table' | 'parts'>> => {
  const { geometry, shared, workFolder } = options
  const base = find(shared, 'base')
  const files = under.kind === 'image' ? under.files : []
  const written: PartPiece[] = []
  for (const partition of image.partitions) {
    const own = files.filter((file) => file.partition === partition.number)
    if (own.length === 0) continue
    const { epoch } = seed
    written.push(await writtenPartition(host, base, partition, own, { name, epoch, workFolder }))
  }
  const start = headBytes(image, disk)
  const used = usedBytes(image)
  const table = await extendTable(host, image, disk, geometry, { basePath: base.path, workFolder })
  const links = table.pieces
    .map(({ offset, bytes }): Stretch => ({ offset, sizeBytes: bytes.length }))
    .filter(({ offset }) => offset >= start && offset < used)
  return {
    table: { ...table, pieces: [...table.pieces, resumePoint(geometry)] },
    parts: [
      ...stretchesBeside(base, start, used, [...written, ...links]),
      ...written,
      wholePart(geometry, { name: 'payload', part: find(shared, 'payload') }),
    ],
  }
}
