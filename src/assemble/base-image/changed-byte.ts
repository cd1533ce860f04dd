import type { Buffer } from 'node:buffer'

/** Bytes from `start` up to `end`. */
export type Span = readonly [start: number, end: number]

/** The first byte that differs and must not. */
export const changedByte = (
  before: Buffer,
  after: Buffer,
  changeable: readonly Span[],
): number | undefined => {
  for (const [index, byte] of before.entries()) {
    if (byte === after[index]) continue
    if (!changeable.some(([start, end]) => index >= start && index < end)) return index
  }
  return undefined
}
