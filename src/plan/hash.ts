import { createHash } from 'node:crypto'

/** Lower-case hex. The only use of node:crypto left of the waist: a pure function of its argument. */
export const sha256Hex = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')
