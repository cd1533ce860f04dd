import type { YAMLError } from 'yaml'
import { parseAllDocuments } from 'yaml'
import type { Code } from '../codes.ts'
import type { Diagnostic, Result } from '../diagnostic.ts'
import { hasErrors } from '../diagnostic.ts'
import type { SourceFile } from '../source-file.ts'
import { readNode } from './read-node.ts'
import type { YamlTree } from './yaml-tree.ts'
import { createYamlTree } from './yaml-tree.ts'

/** Codes of the yaml library that have one of ours; everything else is P0007. */
const codeOf: Readonly<Record<string, Code>> = {
  TAB_AS_INDENT: 'P0006',
  RESOURCE_EXHAUSTION: 'P0013',
  TAG_RESOLVE_FAILED: 'P0012',
  BAD_ALIAS: 'P0009',
  MULTIPLE_DOCS: 'P0011',
}

const helpOf: Partial<Record<Code, string>> = {
  P0007: 'look at this line and at the ones above: often a colon, a quote or a bracket is missing',
  P0006: 'indent with spaces',
  P0013: 'a profile nests only a few levels deep',
  P0012: 'write the plain value without a tag',
}

/** One of the library's faults, in our words. Its messages are good; only their position and code are ours. */
const toDiagnostic = (file: SourceFile, error: YAMLError): Diagnostic => {
  const code = codeOf[error.code] ?? 'P0007'
  const start = Math.min(error.pos[0], file.text.length)
  const help = helpOf[code]
  const message =
    code === 'P0013'
      ? 'the text is nested too deeply'
      : error.message.charAt(0).toLowerCase() + error.message.slice(1)
  return {
    code,
    severity: 'error',
    message,
    range: { file, start, end: Math.max(start, Math.min(error.pos[1], file.text.length)) },
    ...(help === undefined ? {} : { help }),
  }
}

/** One syntax error makes the library stumble on: faults that follow the first on the same line only repeat it. */
const firstPerLine = (file: SourceFile, faults: readonly Diagnostic[]): readonly Diagnostic[] => {
  const seen = new Set<number>()
  return faults.filter((fault) => {
    const lineStart = file.text.lastIndexOf('\n', (fault.range?.start ?? 0) - 1)
    if (seen.has(lineStart)) return false
    seen.add(lineStart)
    return true
  })
}

const emptyFile = (file: SourceFile): Diagnostic => ({
  code: 'P0005',
  severity: 'error',
  message: 'the file is empty',
  range: { file, start: 0, end: 0 },
  help: '`appliance init` writes a commented starter profile',
})

/** The library takes minutes for some texts of one huge line. No profile or recipe has one. */
const maxLineLength = 8192

const findLongLine = (file: SourceFile, most: number): Diagnostic | undefined => {
  for (let start = 0; start < file.text.length; ) {
    const found = file.text.indexOf('\n', start)
    const end = found === -1 ? file.text.length : found
    if (end - start > most) {
      return {
        code: 'P0015',
        severity: 'error',
        message: `a line of ${end - start} characters`,
        range: { file, start, end: start },
        help: 'check that the path is right, or break the line',
      }
    }
    start = end + 1
  }
  return undefined
}

/**
 * YAML 1.2 core schema to plain values with places. Refuses what makes a profile ambiguous or unbounded: anchors, aliases,
 * merge keys, duplicate keys, tags, several documents. Never throws on any text. `longestLine`: in characters, for texts that
 * a program has written.
 */
export const parseYaml = (file: SourceFile, longestLine: number = maxLineLength): Result<YamlTree> => {
  const longLine = findLongLine(file, longestLine)
  if (longLine !== undefined) return [undefined, [longLine]]
  const documents = parseAllDocuments(file.text, {
    prettyErrors: false,
    uniqueKeys: false,
    version: '1.2',
    schema: 'core',
    merge: false,
    logLevel: 'silent',
  })
  if (!Array.isArray(documents) || documents.length === 0) return [undefined, [emptyFile(file)]]
  const [document, second] = documents
  if (document === undefined) return [undefined, [emptyFile(file)]]

  const faults: Diagnostic[] = [
    ...firstPerLine(
      file,
      [...document.errors, ...document.warnings].map((error) => toDiagnostic(file, error)),
    ),
  ]
  if (second !== undefined) {
    const start = Math.min(second.range[0], file.text.length)
    faults.push({
      code: 'P0011',
      severity: 'error',
      message: 'the file holds more than one document',
      range: { file, start, end: Math.min(start + 3, file.text.length) },
      help: 'keep one document to a file',
    })
  }
  if (hasErrors(faults)) return [undefined, faults]
  if (document.contents === null) return [undefined, [emptyFile(file)]]
  const read = readNode({ file, faults, anchors: new Set() }, document.contents)
  if (hasErrors(faults) || read === undefined) return [undefined, faults]
  if (read.value === null) return [undefined, [emptyFile(file)]]
  return [createYamlTree(file, read.value, read.node), faults]
}
