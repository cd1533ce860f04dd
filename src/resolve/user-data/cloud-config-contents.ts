import { gunzipSync } from 'node:zlib'
import type { CloudConfig } from './cloud-config-schema.ts'

export type WrittenFile = NonNullable<CloudConfig['write_files']>[number]

/** Bytes that a packed content may grow to. */
export const mostBytes = 1024 * 1024

/** What is written; undefined where the content is not of its encoding: cloud-init fails there, or leaves out what it cannot read. */
export const contentBytes = ({
  content = '',
  encoding = 'text/plain',
}: WrittenFile): Uint8Array | undefined => {
  const isBase64 = /b(?:ase)?64/.test(encoding)
  const text = content.replaceAll(/\s/g, '')
  if (isBase64 && (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0)) return undefined
  const bytes = isBase64 ? Buffer.from(text, 'base64') : Buffer.from(content)
  if (!encoding.startsWith('gz')) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: mostBytes })
  } catch {
    return undefined
  }
}
