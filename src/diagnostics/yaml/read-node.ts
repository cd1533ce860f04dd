import type { Node, Pair, YAMLMap, YAMLSeq } from 'yaml'
import { isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { Code } from '../codes.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { SourceFile, SourceRange } from '../source-file.ts'
import type { TreeEntry, TreeNode } from './yaml-tree.ts'

interface Read {
  readonly value: unknown
  readonly node: TreeNode
}

/** Deeper than any profile, shallower than any stack. */
const maxDepth = 64

/** One run over one text. */
export interface NodeReader {
  readonly file: SourceFile
  readonly faults: Diagnostic[]
  /** Anchors that are reported: one word on each is enough, however often it is used. */
  readonly anchors: Set<string>
}

const report = (
  { faults }: NodeReader,
  code: Code,
  range: SourceRange,
  message: string,
  help: string,
  related?: Diagnostic['related'],
): undefined => {
  faults.push({
    code,
    severity: 'error',
    message,
    range,
    help,
    ...(related === undefined ? {} : { related }),
  })
}

/** The library's node as plain value and places; what profiles do not allow goes to `faults`. */
export const readNode = (reader: NodeReader, node: Node, depth = 0): Read | undefined => {
  const range = rangeOf(reader.file, node)
  if (depth > maxDepth) {
    return report(
      reader,
      'P0013',
      range,
      'the text is nested too deeply',
      'a profile nests only a few levels deep',
    )
  }
  if (isAlias(node)) {
    if (reader.anchors.has(node.source)) return undefined
    const help = 'write the value out, or use `defaults`; quote a text that begins with `*`'
    return report(reader, 'P0009', range, `alias \`*${node.source}\``, help)
  }
  refuseProperties(reader, node, range)
  if (isScalar(node)) {
    return { value: node.value, node: { kind: 'scalar', start: range.start, end: range.end } }
  }
  if (isSeq(node)) return readList(reader, node, depth, range)
  if (isMap(node)) return readMap(reader, node, depth, range)
  return report(reader, 'P0007', range, 'this cannot be read', 'write a map, a list or a plain value')
}

/** Anchor and tag of a node; both stand before its own range. */
const refuseProperties = (reader: NodeReader, node: Node, range: SourceRange): void => {
  const { file } = reader
  if ('anchor' in node && typeof node.anchor === 'string') {
    reader.anchors.add(node.anchor)
    const start = Math.max(0, file.text.lastIndexOf(`&${node.anchor}`, range.start))
    const place = { file, start, end: start + node.anchor.length + 1 }
    const help = 'write the value out where it is needed, or use `defaults`'
    report(reader, 'P0009', place, `anchor \`&${node.anchor}\``, help)
  }
  // The library sets it only where the text has one.
  if (node.tag !== undefined && node.tag !== '') {
    const mark = Math.max(0, file.text.lastIndexOf('!', range.start))
    const start = file.text.charAt(mark - 1) === '!' ? mark - 1 : mark
    const place = { file, start, end: Math.max(start + 1, range.start) }
    report(reader, 'P0012', place, 'YAML tags are not used here', 'write the plain value without a tag')
  }
}

const readList = (reader: NodeReader, list: YAMLSeq, depth: number, range: SourceRange): Read => {
  const items: TreeNode[] = []
  const values: unknown[] = []
  for (const item of list.items) {
    const read = readNode(reader, item as Node, depth + 1)
    items.push(read?.node ?? { kind: 'scalar', start: range.start, end: range.start })
    values.push(read?.value)
  }
  return { value: values, node: { kind: 'list', start: range.start, end: range.end, items } }
}

const readMap = (reader: NodeReader, map: YAMLMap, depth: number, range: SourceRange): Read => {
  // No prototype: a key named `__proto__` or `constructor` is a key like any other.
  const value: Record<string, unknown> = Object.create(null)
  const entries = new Map<string, TreeEntry>()
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    const place = rangeOf(reader.file, pair.key)
    const key = readKey(reader, pair.key, place, entries)
    if (key === undefined) continue
    const read = pair.value === null ? undefined : readNode(reader, pair.value, depth + 1)
    value[key] = read === undefined ? null : read.value
    entries.set(key, {
      keyStart: place.start,
      keyEnd: place.end,
      node: read?.node ?? { kind: 'scalar', start: place.end, end: place.end },
    })
  }
  return { value, node: { kind: 'map', start: range.start, end: range.end, entries } }
}

/** A key that may stand in this map; undefined, and a fault, for any other. */
const readKey = (
  reader: NodeReader,
  node: unknown,
  place: SourceRange,
  entries: ReadonlyMap<string, TreeEntry>,
): string | undefined => {
  const key = keyText(node)
  if (key === undefined)
    return report(reader, 'P0014', place, 'a key must be a plain text', 'write `key: value`')
  if (key === '<<') {
    return report(
      reader,
      'P0010',
      place,
      'the merge key `<<` is not used here',
      'use `defaults` for what nodes share',
    )
  }
  const first = entries.get(key)
  if (first === undefined) return key
  const range = { file: reader.file, start: first.keyStart, end: first.keyEnd }
  const help = 'remove one of the two, or merge their values'
  return report(reader, 'P0008', place, `the key \`${key}\` stands twice in this map`, help, [
    { range, note: 'first written here' },
  ])
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
