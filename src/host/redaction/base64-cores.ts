import { Buffer } from 'node:buffer'

/**
 * What the base64 of any text that holds these bytes must contain: one for each place that the bytes can begin within a
 * group of three. Characters that neighbours would change are left out. `[abcdef]` at the second place of a group:
 * base64 of `?abcdef` without its first two characters and without the last that a following byte would change.
 */
export const base64Cores = (bytes: Uint8Array): readonly string[] =>
  [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    // The first character that holds bits of our own alone.
    const start = Math.ceil((before * 8) / 6)
    const end = Math.floor(((before + bytes.length) * 8) / 6)
    return text.slice(start, end)
  })
