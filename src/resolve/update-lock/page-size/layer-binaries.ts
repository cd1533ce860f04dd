import type { Readable } from 'node:stream'
import { extract } from 'tar-stream'
import type { Host } from '../../../host/host.ts'
import { unpacked } from '../images/unpack.ts'
import { elfStartBytes, loadAlignment } from './elf.ts'

export interface Binary {
  /** In the layer, without a leading slash. */
  readonly path: string
  /** Bytes. */
  readonly alignment: number
}

const startOf = async (content: Readable): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of content as AsyncIterable<Uint8Array>) {
    if (length < elfStartBytes) chunks.push(chunk)
    length += chunk.length
  }
  return Buffer.concat(chunks).subarray(0, elfStartBytes)
}

/** Programs and libraries of a layer, packed or not, whose segments are aligned to less than `pageBytes`. */
export const binariesBelow = async (
  host: Host,
  layer: string,
  folder: string,
  pageBytes: number,
): Promise<readonly Binary[]> => {
  const tar = await unpacked(host, layer, folder)
  const found: Binary[] = []
  const reader = extract()
  const source = host.files.openRead(tar)
  source.on('error', (error) => reader.destroy(error))
  source.pipe(reader)
  for await (const entry of reader) {
    const { name, type } = entry.header
    if (type !== 'file' && type !== 'contiguous-file') {
      entry.resume()
      continue
    }
    const alignment = loadAlignment(await startOf(entry as unknown as Readable))
    if (alignment !== undefined && alignment < pageBytes)
      found.push({ path: name.replace(/^(\.?\/)+/, ''), alignment })
  }
  if (tar !== layer) await host.files.remove(tar)
  return found
}
