import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Host } from '../host/host.ts'
import type { BuiltStore } from '../materialise/built-store.ts'
import { checkPart } from './copy-part.ts'
import { backupTableSize } from './geometry.ts'
import type { ImageContent } from './image-content.ts'
import { placeOf } from './image-content.ts'
import type { SharedPart } from './shared-parts.ts'

/** Two threads, always: with their number zstd may cut its work differently. */
const zstdArgv = ['zstd', '-q', '-c', '-3', '-T2', '--no-check'] as const

const zeroChunk = Buffer.alloc(1024 * 1024)

const zeros = function* (length: number): Generator<Uint8Array> {
  for (let left = length; left > 0; left -= zeroChunk.length) {
    yield left >= zeroChunk.length ? zeroChunk : zeroChunk.subarray(0, left)
  }
}

const padded = (content: Readable, padding: number): Readable =>
  Readable.from(
    (async function* () {
      yield* content
      yield* zeros(padding)
    })(),
    { objectMode: false },
  )

const compress = async (host: Host, content: Readable, target: string): Promise<void> => {
  await host.exec(zstdArgv, { stdinStream: content, stdoutFile: target, doing: 'compress a partition' })
}

/** The frame of a shared partition with its padding, from the cache when it was made before. */
const sharedFrame = async (
  host: Host,
  built: BuiltStore,
  part: SharedPart,
  size: number,
): Promise<string> => {
  const id = createHash('sha256')
    .update(`${part.sha256} ${size} ${zstdArgv.join(' ')}`)
    .digest('hex')
  const folder = await built.getOrBuild('frame', id, async (work) => {
    await checkPart(host, part)
    const content = padded(host.files.openRead(part.path), size - part.sizeBytes)
    await compress(host, content, join(work, 'frame.zst'))
  })
  return join(folder, 'frame.zst')
}

/**
 * Writes `<image>.zst`: frames one after another, which every decompressor of zstd reads as one stream. Only the ends
 * and the seed are compressed here; the rest comes from the cache.
 */
export const writeCompressedImage = async (
  host: Host,
  path: string,
  content: ImageContent,
  built: BuiltStore,
): Promise<{ readonly sha256: string; readonly sizeBytes: number }> => {
  const { geometry, seed, table } = content
  const seedPlace = placeOf(geometry, 'seed')
  const gap = geometry.imageSize - backupTableSize - seedPlace.offset - seed.length
  const ownFrame = async (name: string, bytes: readonly Uint8Array[], padding: number): Promise<string> => {
    const frame = `${path}.${name}`
    await compress(host, padded(Readable.from(bytes), padding), frame)
    return frame
  }
  const head = await ownFrame('head', [table.head], 0)
  const end = await ownFrame('end', [seed, ...zeros(gap), table.backup], 0)
  const frames = [head]
  for (const { name, part } of content.shared) {
    frames.push(await sharedFrame(host, built, part, placeOf(geometry, name).size))
  }
  frames.push(end)

  const hash = createHash('sha256')
  const file = await host.files.open(path, 'create')
  let position = 0
  try {
    for (const frame of frames) {
      for await (const chunk of host.files.openRead(frame) as AsyncIterable<Buffer>) {
        hash.update(chunk)
        await file.write(chunk, position)
        position += chunk.length
      }
    }
  } finally {
    await file.close()
  }
  await host.files.remove(head)
  await host.files.remove(end)
  return { sha256: hash.digest('hex'), sizeBytes: position }
}
