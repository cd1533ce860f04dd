import type { CodeEntry } from './entry.ts'

/** V: what inspect and the proof say about an image. */
export const verifyCodes = {} as const satisfies Record<string, CodeEntry>
