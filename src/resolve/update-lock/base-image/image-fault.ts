import type { Code } from '../../../diagnostics/codes.ts'

/** Something that is wrong with a base image. */
export interface ImageFault {
  readonly code: Code
  readonly message: string
  readonly help: string
}
