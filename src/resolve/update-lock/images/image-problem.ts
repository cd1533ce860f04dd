import type { Code } from '../../../diagnostics/codes.ts'
import type { Path } from '../../../diagnostics/yaml/yaml-tree.ts'

/** Something is wrong with what the profile asks for; it becomes a diagnostic at the wish. */
export class ImageProblem extends Error {
  readonly code: Code
  readonly help: string
  constructor(code: Code, message: string, help: string) {
    super(message)
    this.code = code
    this.help = help
  }
}

export interface PlacedProblem {
  readonly code: Code
  readonly message: string
  readonly help: string
  readonly at: Path
}
