import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Host } from '../host/host.ts'
import type { BuiltStore } from '../materialise/built-store.ts'
import { checkPart } from './copy-part.ts'
import type { ImageContent, PartPiece } from './image-content.ts'
import { placeOf, prefixPieces } from './image-content.ts'

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

/** The frame of a stretch of a shared part with its padding, from the cache when it was made before. */
const sharedFrame = async (
  host: Host,
  built: BuiltStore,
  { part, from, sizeBytes }: PartPiece,
  padding: number,
): Promise<string> => {
  const id = createHash('sha256')
    .update(`${part.sha256} ${from} ${sizeBytes} ${padding} ${zstdArgv.join(' ')}`)
    .digest('hex')
  const folder = await built.getOrBuild('frame', id, async (work) => {
    await checkPart(host, part)
    const range = { start: from, end: from + sizeBytes }
    const content = padded(host.files.openRead(part.path, range), padding)
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
  const gap = geometry.imageSize - table.end.length - seedPlace.offset - seed.length
  const temporary: string[] = []
  const ownFrame = async (name: string, bytes: readonly Uint8Array[], padding: number): Promise<string> => {
    const frame = `${path}.${name}`
    temporary.push(frame)
    await compress(host, padded(Readable.from(bytes), padding), frame)
    return frame
  }
  const frames: string[] = []
  for (const { piece, padding } of prefixPieces(content)) {
    frames.push(
      'bytes' in piece
        ? await ownFrame(String(piece.offset), [piece.bytes], padding)
        : await sharedFrame(host, built, piece, padding),
    )
  }
  frames.push(await ownFrame('end', [seed, ...zeros(gap), table.end], 0))

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
  for (const frame of temporary) await host.files.remove(frame)
  return { sha256: hash.digest('hex'), sizeBytes: position }
}
