import type { CodeEntry } from './entry.ts'
import { pkiCodes } from './pki.ts'

/** B: faults found while an image is planned or built, caused by what the profile asks for. B08xx certificates. */
export const buildCodes = { ...pkiCodes } as const satisfies Record<string, CodeEntry>
