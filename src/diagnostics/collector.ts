import type { Diagnostic } from './diagnostic.ts'

/** Source order, so that a reader walks down the file; faults without a place come first. Stable for equal places. */
export const sortDiagnostics = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  [...diagnostics].sort((a, b) => {
    const byFile = (a.range?.file.path ?? '').localeCompare(b.range?.file.path ?? '', 'en')
    if (byFile !== 0) return byFile
    return (a.range?.start ?? -1) - (b.range?.start ?? -1) || a.code.localeCompare(b.code, 'en')
  })
