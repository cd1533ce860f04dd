import type { Result } from '../diagnostic.ts'
import type { SourceFile } from '../source-file.ts'

/** Bytes to text. The first byte that is not UTF-8 is a fault with a place; a byte order mark is dropped. */
export const decodeText = (path: string, bytes: Uint8Array): Result<SourceFile> => {
  try {
    return [{ path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }, []]
  } catch {
    const file = { path, text: new TextDecoder('utf-8').decode(bytes) }
    // Lenient decoding puts U+FFFD where the fault is; a file may hold a genuine one, so look for the first that differs.
    const start = firstBadOffset(bytes, file.text)
    return [
      undefined,
      [
        {
          code: 'P0004',
          severity: 'error',
          message: 'the file is not UTF-8',
          range: { file, start, end: Math.min(start + 1, file.text.length) },
          help: 'save it as UTF-8, without a byte order mark; a binary file or another encoding cannot be read',
        },
      ],
    ]
  }
}

/** Offset in `text` of the first replacement character that stands for bytes other than its own encoding (EF BF BD). */
const firstBadOffset = (bytes: Uint8Array, text: string): number => {
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  const encoder = new TextEncoder()
  let byteOffset = mark
  let from = 0
  for (let at = text.indexOf('\uFFFD'); at !== -1; at = text.indexOf('\uFFFD', at + 1)) {
    byteOffset += encoder.encode(text.slice(from, at)).length
    if (bytes[byteOffset] !== 0xef || bytes[byteOffset + 1] !== 0xbf || bytes[byteOffset + 2] !== 0xbd)
      return at
    from = at
  }
  return 0
}
