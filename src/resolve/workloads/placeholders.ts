import type { Scalar } from 'yaml'
import { isScalar } from 'yaml'
import type { Diagnostic, Result } from '../../diagnostics/diagnostic.ts'
import type { SourceFile } from '../../diagnostics/source-file.ts'
import { suggestionHelp } from '../../diagnostics/suggest.ts'
import type { TemplatePart } from './locked-workloads.ts'
import { joinTexts } from './locked-workloads.ts'
import { parseUserYaml, rangeOf, visitNodes } from './user-yaml.ts'

/** `${name}`, `${name:base64}`; with one more `$` in front it is text. Shells' `${NAME}` and `${name:-x}` do not match. */
const placeholder = /(\$?)\$\{([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(:base64)?\}/g

interface Replaced {
  readonly start: number
  readonly end: number
  readonly parts: readonly TemplatePart[]
}

/** JSON without its quotes: how text stands in a quoted YAML text on one line. */
const inner = (text: string): string => JSON.stringify(text).slice(1, -1)

/**
 * A value with secrets in it, as a quoted text: a secret that is the whole value may be any text; one that is a part of it
 * (`postgres://app:${password}@db`) must be a plain word, which is checked when it is read.
 */
const replaceIn = (value: string): readonly TemplatePart[] => {
  const whole = /^\$\{([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\}$/.exec(value)
  if (whole?.[1] !== undefined) return [{ secret: whole[1], as: 'json' }]
  const parts: TemplatePart[] = []
  let text = '"'
  let from = 0
  for (const { 0: found, 1: escaping, 2: name = '', 3: form, index } of value.matchAll(placeholder)) {
    text += inner(value.slice(from, index))
    from = index + found.length
    if (escaping !== '') {
      text += inner(found.slice(1))
      continue
    }
    parts.push(text, { secret: name, as: form === undefined ? 'text' : 'base64' })
    text = ''
  }
  return [...parts, `${text}${inner(value.slice(from))}"`]
}

const namesIn = (value: string): readonly string[] =>
  [...value.matchAll(placeholder)].flatMap(([, escaping, name]) => (escaping === '' ? [name ?? ''] : []))

/**
 * The text of a file with the places of its secrets. Only values of YAML are looked at: each that holds a secret becomes a
 * quoted text, whatever form it had, and so stays what it is for every secret. `declared`: names in the profile.
 */
export const readTemplate = (
  file: SourceFile,
  declared: readonly string[],
): Result<readonly TemplatePart[]> => {
  const [documents, syntax] = parseUserYaml(file)
  if (syntax.length > 0) return [undefined, syntax]
  const faults: Diagnostic[] = []
  const replaced: Replaced[] = []
  const used = new Set<string>()
  const report = (scalar: Scalar, message: string, help?: string): void => {
    faults.push({
      code: 'L0034',
      severity: 'error',
      message,
      range: rangeOf(file, scalar),
      ...(help === undefined ? {} : { help }),
    })
  }
  for (const document of documents) {
    visitNodes(document.contents, (scalar, isKey) => {
      if (!isScalar(scalar)) return
      const { value } = scalar
      if (typeof value !== 'string' || value.search(placeholder) === -1) return
      for (const name of namesIn(value)) {
        if (isKey) report(scalar, `the secret \`\${${name}}\` is a key`, 'secrets are values')
        else if (!declared.includes(name))
          report(
            scalar,
            `the profile has no secret \`${name}\` for this file`,
            suggestionHelp(name, declared) ?? `write \`$\${${name}}\` for the text itself`,
          )
        used.add(name)
      }
      const { start, end } = scalarRange(file, scalar)
      if (!isKey) replaced.push({ start, end, parts: replaceIn(value) })
    })
  }
  const unused = declared.filter((name) => !used.has(name))
  if (unused.length > 0) {
    faults.push({
      code: 'L0034',
      severity: 'error',
      message: `no value of this file holds ${unused.map((name) => `\`\${${name}}\``).join(', ')}`,
      range: { file, start: 0, end: 0 },
      help: 'put the name where the secret belongs, or remove it from the profile',
    })
  }
  if (faults.length > 0) return [undefined, faults]
  const parts: TemplatePart[] = []
  let from = 0
  for (const { start, end, parts: value } of replaced.toSorted((a, b) => a.start - b.start)) {
    parts.push(file.text.slice(from, start), ...value)
    from = end
  }
  return [joinTexts([...parts, file.text.slice(from)]), []]
}

/** Of the value alone: the range of a block text takes in the line break after it. */
const scalarRange = (file: SourceFile, scalar: Scalar): { readonly start: number; readonly end: number } => {
  const { start, end } = rangeOf(file, scalar)
  const isBlock = scalar.type === 'BLOCK_LITERAL' || scalar.type === 'BLOCK_FOLDED'
  return { start, end: isBlock && file.text.charAt(end - 1) === '\n' ? end - 1 : end }
}
