import { gunzipSync } from 'node:zlib'
import { readDataUrl } from './data-url.ts'
import { noNetworkHelp } from './ignition-foreign-keys.ts'
import type { WrittenContents } from './ignition-schema.ts'

/** What is wrong with the contents of a file, and under which key. */
export interface ContentsFault {
  readonly key: 'inline' | 'source' | 'compression'
  readonly message: string
  readonly help: string
}

/** Every fragment lies in the seed of every node: what a compressed one grows to is bounded too. */
const mostBytes = 1024 * 1024

const unpack = (packed: Uint8Array): Uint8Array | ContentsFault => {
  try {
    return gunzipSync(packed, { maxOutputLength: mostBytes })
  } catch {
    return {
      key: 'compression',
      message: `this is no gzip, or unpacks to more than ${mostBytes} bytes`,
      help: 'leave `compression` out when the content is not compressed',
    }
  }
}

/** The bytes that Ignition would write. No contents: an empty file. */
export const readContents = ({
  inline,
  source,
  compression,
}: WrittenContents): Uint8Array | ContentsFault => {
  if (inline !== undefined && source !== undefined) {
    const message = '`inline` and `source` exclude each other'
    return { key: 'source', message, help: 'keep one of the two' }
  }
  if (inline !== undefined && compression === 'gzip') {
    const message = 'a text under `inline` is not compressed'
    return { key: 'compression', message, help: 'remove `compression`' }
  }
  if (inline !== undefined) return Buffer.from(inline)
  if (source === undefined || source === '') return new Uint8Array()
  const [scheme = ''] = source.split(':', 1)
  if (scheme !== 'data')
    return { key: 'source', message: `\`${scheme.slice(0, 20)}:\` cannot be fetched`, help: noNetworkHelp }
  const bytes = readDataUrl(source)
  if (bytes === undefined) {
    const help = 'write `data:,` and the text, percent-encoded, or `data:;base64,` and base64'
    return { key: 'source', message: 'the `data:` URL is malformed', help }
  }
  return compression === 'gzip' ? unpack(bytes) : bytes
}
