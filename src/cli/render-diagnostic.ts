import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { SourceRange } from '../diagnostics/source-file.ts'
import { lineColumnOf, lineText } from '../diagnostics/source-file.ts'

const styles = {
  error: '\u001b[1;31m',
  warning: '\u001b[1;33m',
  place: '\u001b[34m',
  bold: '\u001b[1m',
  reset: '\u001b[0m',
}

type Paint = (style: keyof typeof styles, text: string) => string

const painter =
  (color: boolean): Paint =>
  (style, text) =>
    color ? `${styles[style]}${text}${styles.reset}` : text

/** Widest excerpt; a longer line is cut around the caret. */
const maxWidth = 100

/** A control character in a file must not reach the terminal. Tabs become one space each, so carets stay in place. */
const printable = (text: string): string =>
  text.replace(/\t/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (found) => '?'.repeat(found.length))

/** A line with what lies in a secret replaced by `*`, so that columns stay. */
const maskedLine = (range: SourceRange, line: number, secrets: readonly SourceRange[]): string => {
  const text = lineText(range.file, line)
  const lineStart = range.start - (lineColumnOf(range.file, range.start).column - 1)
  return secrets
    .filter((secret) => secret.file === range.file)
    .reduce((masked, secret) => {
      const from = Math.max(0, secret.start - lineStart)
      const to = Math.min(text.length, secret.end - lineStart)
      return to <= from ? masked : masked.slice(0, from) + '*'.repeat(to - from) + masked.slice(to)
    }, text)
}

/** Line and caret, cut to the width around the caret. */
const excerpt = (
  range: SourceRange,
  secrets: readonly SourceRange[],
): { readonly line: number; readonly text: string; readonly caret: string } => {
  const { line, column } = lineColumnOf(range.file, range.start)
  const whole = printable(maskedLine(range, line, secrets))
  const length = Math.max(1, Math.min(range.end - range.start, whole.length - column + 1))
  const from = column + length < maxWidth ? 0 : Math.max(0, Math.min(column - 21, whole.length - maxWidth))
  const cut = whole.slice(from, from + maxWidth)
  const text = `${from > 0 ? '…' : ''}${cut}${from + maxWidth < whole.length ? '…' : ''}`
  const indent = column - 1 - from + (from > 0 ? 1 : 0)
  return {
    line,
    text,
    caret: ' '.repeat(indent) + '^'.repeat(Math.max(1, Math.min(length, maxWidth - (column - 1 - from)))),
  }
}

const placeText = (range: SourceRange): string => {
  const { line, column } = lineColumnOf(range.file, range.start)
  return `${printable(range.file.path)}:${line}:${column}`
}

interface FrameStyle {
  readonly paint: Paint
  readonly secrets: readonly SourceRange[]
}

const frame = (
  range: SourceRange,
  gutter: string,
  arrow: string,
  note: string,
  { paint, secrets }: FrameStyle,
): readonly string[] => {
  const { line, text, caret } = excerpt(range, secrets)
  return [
    `${gutter}${paint('place', arrow)} ${placeText(range)}`,
    `${gutter} ${paint('place', '|')}`,
    `${paint('place', `${String(line).padStart(gutter.length)} |`)} ${text}`.trimEnd(),
    `${gutter} ${paint('place', '|')} ${paint('error', caret)}${note === '' ? '' : ` ${note}`}`,
  ]
}

export const secretsOf = (diagnostics: readonly Diagnostic[]): readonly SourceRange[] =>
  diagnostics.flatMap(({ secret }) => secret ?? [])

/**
 * One fault as text:
 *
 * error[P0107]: unknown key `adress` in `nodes[0].network`
 *   --> lab.yaml:6:5
 *    |
 *  6 |     adress: 10.0.0.21
 *    |     ^^^^^^
 *    = help: did you mean `address`?
 *    = more: appliance explain P0107
 */
export const renderDiagnostic = (
  diagnostic: Diagnostic,
  {
    color = false,
    secrets = secretsOf([diagnostic]),
  }: {
    readonly color?: boolean /** Of all faults that are shown. */
    readonly secrets?: readonly SourceRange[]
  } = {},
): string => {
  const paint = painter(color)
  const style = { paint, secrets }
  const { code, severity, message, range, related = [], help } = diagnostic
  const ranges = [...(range === undefined ? [] : [range]), ...related.map((other) => other.range)]
  const width = Math.max(1, ...ranges.map((each) => String(lineColumnOf(each.file, each.start).line).length))
  const gutter = ' '.repeat(width + 1)
  const lines = [`${paint(severity, `${severity}[${code}]`)}: ${paint('bold', printable(message))}`]
  if (range !== undefined) lines.push(...frame(range, gutter, '-->', '', style))
  for (const { range: other, note } of related) lines.push(...frame(other, gutter, ':::', note, style))
  if (help !== undefined) lines.push(`${gutter} ${paint('place', '=')} help: ${printable(help)}`)
  lines.push(`${gutter} ${paint('place', '=')} more: appliance explain ${code}`)
  return `${lines.join('\n')}\n`
}

/** `2 errors, 1 warning`. */
export const countText = (diagnostics: readonly Diagnostic[]): string => {
  const count = (severity: Diagnostic['severity']): string => {
    const number = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length
    return number === 0 ? '' : `${number} ${severity}${number === 1 ? '' : 's'}`
  }
  return [count('error'), count('warning')].filter((text) => text !== '').join(', ')
}

/** The form of `--format json`: positions are 1-based lines and columns. */
export const diagnosticJson = ({ code, severity, message, range, related, help }: Diagnostic): object => {
  const place = (each: SourceRange): object => {
    const start = lineColumnOf(each.file, each.start)
    const end = lineColumnOf(each.file, each.end)
    return {
      file: each.file.path,
      line: start.line,
      column: start.column,
      endLine: end.line,
      endColumn: end.column,
    }
  }
  return {
    code,
    severity,
    message,
    ...(range === undefined ? {} : place(range)),
    ...(related === undefined
      ? {}
      : { related: related.map(({ range: other, note }) => ({ ...place(other), note })) }),
    ...(help === undefined ? {} : { help }),
  }
}
