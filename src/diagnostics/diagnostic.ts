import type { Code } from './codes.ts'
import type { SourceRange } from './source-file.ts'

export type Severity = 'error' | 'warning'

/** One fault in what the user gave us. A value, never thrown: all faults of a file are reported in one run. */
export interface Diagnostic {
  readonly code: Code
  readonly severity: Severity
  readonly message: string
  /** Where it is. Absent only where there is no text to point at (a missing file). */
  readonly range?: SourceRange
  /**
   * For a fault that is found where the text is no longer seen: the node and the part of it that is meant, or the path in
   * the profile. `placeFaults` of src/profile turns it into a range. `within`: the path in the file of the user's that is named
   * there (src/resolve/user-data/place-in-fragment.ts).
   */
  readonly subject?:
    | { readonly node: string; readonly part: readonly string[] }
    | { readonly path: readonly (string | number)[]; readonly within?: readonly (string | number)[] }
  /** Other places that explain it, such as the first definition of a duplicate. */
  readonly related?: readonly { readonly range: SourceRange; readonly note: string }[]
  /** A value that may be a secret: no excerpt shows it, whichever fault the excerpt is for. */
  readonly secret?: SourceRange
  /** The next step, one sentence. */
  readonly help?: string
}

/** A value and the faults found on the way. The value is undefined when it cannot be trusted. */
export type Result<T> = readonly [T | undefined, readonly Diagnostic[]]

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some((diagnostic) => diagnostic.severity === 'error')
