import { StringDecoder } from 'node:string_decoder'

/** A line longer than this is cut: programs that draw progress may never end their line. Characters. */
const longestLine = 8192

export interface LineSplitter {
  readonly push: (chunk: Uint8Array) => void
  /** Hands over a last line without a line break. */
  readonly end: () => void
}

/** Bytes in pieces to lines. `\r` ends a line too, so that progress of curl and friends is seen. */
export const createLineSplitter = (onLine: (line: string) => void): LineSplitter => {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string): void => {
    const lines = (rest + text).split(/\r\n|\n|\r/)
    rest = (lines.pop() ?? '').slice(-longestLine)
    for (const line of lines) onLine(line.slice(0, longestLine))
  }
  return {
    push: (chunk) => take(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    end: () => {
      take(decoder.end())
      if (rest !== '') onLine(rest)
      rest = ''
    },
  }
}
