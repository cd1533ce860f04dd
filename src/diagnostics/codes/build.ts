import type { CodeEntry } from './entry.ts'

/** B: faults found while an image is planned or built, caused by what the profile asks for. */
export const buildCodes = {} as const satisfies Record<string, CodeEntry>
