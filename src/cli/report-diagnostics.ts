import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { hasErrors } from '../diagnostics/diagnostic.ts'
import { exitCodes } from './exit-codes.ts'
import type { CommonOptions } from './options.ts'
import { countText, diagnosticJson, renderDiagnostic, secretsOf } from './render-diagnostic.ts'

/** Frames on a terminal; a wrong file may have thousands of faults. */
const maxShown = 100

/** Prints faults: frames on stderr, or with --format json one document on stdout. */
export const reportDiagnostics = (
  diagnostics: readonly Diagnostic[],
  { terminal, format }: Pick<CommonOptions, 'terminal' | 'format'>,
): void => {
  if (format === 'json') {
    const ok = !hasErrors(diagnostics)
    terminal.out(`${JSON.stringify({ ok, diagnostics: diagnostics.map(diagnosticJson) }, null, 2)}\n`)
    return
  }
  const style = { color: terminal.colorErr, secrets: secretsOf(diagnostics) }
  const shown = diagnostics.slice(0, maxShown)
  for (const diagnostic of shown) terminal.err(`${renderDiagnostic(diagnostic, style)}\n`)
  if (shown.length < diagnostics.length) {
    terminal.err(`and ${diagnostics.length - shown.length} more; --format json lists all\n`)
  }
  if (diagnostics.length > 0) terminal.err(`${countText(diagnostics)}\n`)
}

/** Whether a command must stop: on errors, with --strict on warnings too. */
export const mustStop = (diagnostics: readonly Diagnostic[], strict: boolean): boolean =>
  hasErrors(diagnostics) || (strict && diagnostics.length > 0)

/** Prints faults when they stop the command; undefined when the work may go on (warnings are printed as text). */
export const stopOnFaults = (
  diagnostics: readonly Diagnostic[],
  options: Pick<CommonOptions, 'terminal' | 'format'> & { readonly strict: boolean },
): number | undefined => {
  const stop = mustStop(diagnostics, options.strict)
  if (stop) reportDiagnostics(diagnostics, options)
  else reportDiagnostics(diagnostics, { ...options, format: 'text' })
  return stop ? exitCodes.profile : undefined
}
