import type { RandomAccessFile } from '../../host/files.ts'
import type { Host } from '../../host/host.ts'
import type { Progress } from '../../host/reporter.ts'
import type { BuiltStore } from '../../materialise/built-store.ts'
import type { ImageContent, PartPiece } from '../image-content.ts'
import { placeOf } from '../image-content.ts'
import { prefixSha256 } from '../prefix.ts'
import { readChunks } from '../read-chunks.ts'
import { continueSha256 } from '../sha256-state.ts'
import { resumePoint } from './resume-point.ts'

/** Zeros too: another partition lies there. */
const writeWhole = async (
  host: Host,
  file: RandomAccessFile,
  { part, offset, from, sizeBytes }: PartPiece,
  task: Progress,
): Promise<void> => {
  const source = await host.files.open(part.path, 'read')
  try {
    const copy = (chunk: Uint8Array, position: number): Promise<void> => {
      task.progress(offset + position + chunk.length)
      return file.write(chunk, offset + position)
    }
    await readChunks(host, source, sizeBytes, copy, from)
  } finally {
    await source.close()
  }
}

const copyDisk = async (host: Host, disk: string, path: string): Promise<void> => {
  if (!(await host.files.clone(disk, path))) await host.files.copy(disk, path)
  await host.files.chmod(path, 0o600)
}

/**
 * Writes an image on a base of the user's: a copy of its disk, by shared blocks or with its holes, then what differs. Its hash
 * goes on from that of everything before the seed, which is made once for a base and a payload. Returns it.
 */
export const writeImageOnBase = async (
  host: Host,
  built: BuiltStore,
  path: string,
  content: ImageContent,
  task: Progress,
): Promise<string> => {
  const { geometry, table, parts, seed } = content
  const resume = resumePoint(geometry)
  const disk = parts.find(({ part }) => part.kind === 'base-image')
  if (disk === undefined) throw new Error('the image has no base')
  const { offset } = placeOf(geometry, 'seed')
  const gap = new Uint8Array(geometry.imageSize - offset - seed.length - table.end.length)
  const [sha256] = await Promise.all([
    prefixSha256(host, built, content, resume.offset).then((digest) =>
      continueSha256(digest, resume.offset, [seed, gap, table.end]),
    ),
    copyDisk(host, disk.part.path, path),
  ])
  const file = await host.files.open(path, 'update')
  try {
    // What follows the last partition is the old backup of the table.
    await file.truncate(placeOf(geometry, 'base').size)
    await file.truncate(geometry.imageSize)
    for (const piece of parts) if (piece.part !== disk.part) await writeWhole(host, file, piece, task)
    for (const piece of table.pieces) await file.write(piece.bytes, piece.offset)
    await file.write(seed, offset)
    await file.write(table.end, geometry.imageSize - table.end.length)
    return sha256
  } finally {
    await file.close()
  }
}
