import type { Document, Node } from 'yaml'
import { isAlias, isMap, isPair, isScalar, isSeq, parseAllDocuments } from 'yaml'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { SourceFile, SourceRange } from '../../diagnostics/source-file.ts'

/** Deeper than any manifest, shallower than any stack. */
const maxDepth = 200

/** The library's regular expressions run out of memory on `- - - - ...`, which nobody writes. */
const nested = /^[ \t]*(?:[-?:][ \t]+){64}/m

export const rangeOf = (file: SourceFile, node: unknown): SourceRange => {
  const range = (node as { range?: [number, number, number] | null } | null | undefined)?.range
  const start = Math.min(range?.[0] ?? 0, file.text.length)
  return { file, start, end: Math.max(start, Math.min(range?.[1] ?? start, file.text.length)) }
}

/**
 * YAML or JSON that is written for others than this program: several documents, anchors, tags and merge keys are theirs to
 * use. Faults are of L0030; never throws on any text.
 */
export const parseUserYaml = (
  file: SourceFile,
): readonly [readonly Document.Parsed[], readonly Diagnostic[]] => {
  const fault = (message: string, start: number, end: number): Diagnostic => ({
    code: 'L0030',
    severity: 'error',
    message,
    range: { file, start: Math.min(start, file.text.length), end: Math.min(end, file.text.length) },
  })
  const found = nested.exec(file.text)
  if (found !== null) return [[], [fault('the text is nested too deeply', found.index, found.index + 1)]]
  let documents: readonly Document.Parsed[]
  try {
    const parsed = parseAllDocuments(file.text, { prettyErrors: false, logLevel: 'silent', merge: true })
    documents = Array.isArray(parsed) ? parsed : []
  } catch {
    return [[], [fault('the text cannot be read as YAML', 0, 1)]]
  }
  const faults = documents.flatMap(({ errors }) =>
    errors
      .slice(0, 1)
      .map(({ message, pos }) => fault(message.charAt(0).toLowerCase() + message.slice(1), pos[0], pos[1])),
  )
  return [documents, faults]
}

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : '')

/** Every map, list and scalar once, parents first; what an alias stands for is seen at its anchor. `isKey`: of a map. */
export const visitNodes = (
  root: Node | null | undefined,
  visit: (node: Node, isKey: boolean) => void,
): void => {
  const walk = (node: unknown, depth: number): void => {
    if (depth > maxDepth) return
    if (isScalar(node)) visit(node, false)
    else if (isSeq(node)) {
      visit(node, false)
      for (const item of node.items) walk(item, depth + 1)
    } else if (isMap(node)) {
      visit(node, false)
      for (const { key, value } of node.items.filter(isPair)) {
        if (isScalar(key)) visit(key, true)
        walk(value, depth + 1)
      }
    }
  }
  walk(root, 0)
}

/** The text at a path of maps (`metadata.name`), through aliases; undefined where there is none. */
export const textAt = (document: Document.Parsed, path: readonly string[]): string | undefined => {
  let node: unknown = document.contents
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (!isMap(node)) return undefined
    node = node.items.find(({ key }) => keyText(key) === step)?.value
  }
  if (isAlias(node)) node = node.resolve(document)
  return isScalar(node) && typeof node.value === 'string' && node.value !== '' ? node.value : undefined
}

/** The node at a path of maps; undefined where there is none. */
export const nodeAt = (document: Document.Parsed, path: readonly string[]): Node | undefined => {
  let node: unknown = document.contents
  for (const step of path) {
    if (!isMap(node)) return undefined
    node = node.items.find(({ key }) => keyText(key) === step)?.value
  }
  return (node ?? undefined) as Node | undefined
}
