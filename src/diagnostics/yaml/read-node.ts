import type { Node, Pair, YAMLMap, YAMLSeq } from 'yaml'
import { isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { Code } from '../codes.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { SourceFile, SourceRange } from '../source-file.ts'
import type { TreeNode } from './yaml-tree.ts'

interface Read {
  readonly value: unknown
  readonly node: TreeNode
}

/** Deeper than any profile, shallower than any stack. */
const maxDepth = 64

/** The library's node as plain value and places; what profiles do not allow goes to `faults`. */
export const readNode = (file: SourceFile, node: Node, faults: Diagnostic[], depth = 0): Read | undefined => {
  const range = rangeOf(file, node)
  const fail = (code: Code, message: string, help: string, at = range): undefined => {
    faults.push({ code, severity: 'error', message, range: at, help })
    return undefined
  }
  if (depth > maxDepth) {
    return fail('P0013', 'the text is nested too deeply', 'a profile nests only a few levels deep')
  }
  if (isAlias(node)) {
    return fail(
      'P0009',
      `alias \`*${node.source}\``,
      'write the value out, or use `defaults`; quote a text that begins with `*`',
    )
  }
  if ('anchor' in node && typeof node.anchor === 'string') {
    const start = Math.max(0, file.text.lastIndexOf(`&${node.anchor}`, range.start))
    fail('P0009', `anchor \`&${node.anchor}\``, 'write the value out where it is needed, or use `defaults`', {
      file,
      start,
      end: start + node.anchor.length + 1,
    })
  }
  // Set only where the text has a tag; the tag stands before the value's own range.
  if (node.tag !== undefined && node.tag !== '') {
    const start = Math.max(0, file.text.lastIndexOf('!', range.start))
    fail('P0012', 'YAML tags are not used here', 'write the plain value without a tag', {
      file,
      start: file.text.charAt(start - 1) === '!' ? start - 1 : start,
      end: Math.max(start + 1, range.start),
    })
  }
  if (isScalar(node)) {
    return { value: node.value, node: { kind: 'scalar', start: range.start, end: range.end } }
  }
  if (isSeq(node)) return readList(file, node, faults, depth, range)
  if (isMap(node)) return readMap(file, node, faults, depth, range)
  return fail('P0007', 'this cannot be read', 'write a map, a list or a plain value')
}

const readList = (
  file: SourceFile,
  list: YAMLSeq,
  faults: Diagnostic[],
  depth: number,
  range: SourceRange,
): Read => {
  const items: TreeNode[] = []
  const values: unknown[] = []
  for (const item of list.items) {
    const read = readNode(file, item as Node, faults, depth + 1)
    items.push(read?.node ?? { kind: 'scalar', start: range.start, end: range.start })
    values.push(read?.value)
  }
  return { value: values, node: { kind: 'list', start: range.start, end: range.end, items } }
}

const readMap = (
  file: SourceFile,
  map: YAMLMap,
  faults: Diagnostic[],
  depth: number,
  range: SourceRange,
): Read => {
  // No prototype: a key named `__proto__` or `constructor` is a key like any other.
  const value: Record<string, unknown> = Object.create(null)
  const entries: NonNullable<TreeNode['entries']>[number][] = []
  const seen = new Map<string, SourceRange>()
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    const keyRange = rangeOf(file, pair.key)
    const key = keyText(pair.key)
    if (key === undefined) {
      faults.push({
        code: 'P0014',
        severity: 'error',
        message: 'a key must be a plain text',
        range: keyRange,
        help: 'write `key: value`',
      })
      continue
    }
    if (key === '<<') {
      faults.push({
        code: 'P0010',
        severity: 'error',
        message: 'the merge key `<<` is not used here',
        range: keyRange,
        help: 'use `defaults` for what nodes share',
      })
      continue
    }
    const first = seen.get(key)
    if (first !== undefined) {
      faults.push({
        code: 'P0008',
        severity: 'error',
        message: `the key \`${key}\` stands twice in this map`,
        range: keyRange,
        related: [{ range: first, note: 'first written here' }],
        help: 'remove one of the two, or merge their values',
      })
      continue
    }
    seen.set(key, keyRange)
    const read = pair.value === null ? undefined : readNode(file, pair.value, faults, depth + 1)
    value[key] = read === undefined ? null : read.value
    entries.push({
      key,
      keyStart: keyRange.start,
      keyEnd: keyRange.end,
      node: read?.node ?? { kind: 'scalar', start: keyRange.end, end: keyRange.end },
    })
  }
  return { value, node: { kind: 'map', start: range.start, end: range.end, entries } }
}

/** `1: x` and `true: x` have the keys "1" and "true"; a list, a map or nothing is no key. */
const keyText = (key: unknown): string | undefined => {
  if (!isScalar(key) || ('anchor' in key && key.anchor !== undefined)) return undefined
  if (typeof key.value === 'string') return key.value
  return typeof key.source === 'string' && key.source !== '' ? key.source : undefined
}

const rangeOf = (file: SourceFile, node: unknown): SourceRange => {
  const range = (node as { range?: [number, number, number] | null } | null)?.range
  const start = Math.min(range?.[0] ?? 0, file.text.length)
  let end = Math.max(start, Math.min(range?.[1] ?? start, file.text.length))
  // The range of a block ends after its last line break.
  while (end > start && /\s/.test(file.text.charAt(end - 1))) end -= 1
  return { file, start, end }
}
