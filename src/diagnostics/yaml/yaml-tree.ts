import type { SourceFile, SourceRange } from '../source-file.ts'

/** Keys and list indexes from the top: `['nodes', 0, 'name']`. */
export type Path = readonly (string | number)[]

/** `nodes[0].name`, the form in messages. */
export const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  )

export interface TreeEntry {
  readonly keyStart: number
  readonly keyEnd: number
  readonly node: TreeNode
}

/** One node of the text, with where it stands. */
export interface TreeNode {
  readonly kind: 'map' | 'list' | 'scalar'
  readonly start: number
  readonly end: number
  readonly entries?: ReadonlyMap<string, TreeEntry>
  readonly items?: readonly TreeNode[]
}

/** Plain values of a YAML text and the way back from a path to its place. */
export interface YamlTree {
  readonly file: SourceFile
  readonly value: unknown
  /** Place of a key or value; of the nearest parent that exists, when the path itself does not. */
  readonly locate: (path: Path, part?: 'key' | 'value') => SourceRange
}

export const createYamlTree = (file: SourceFile, value: unknown, root: TreeNode): YamlTree => ({
  file,
  value,
  locate: (path, part = 'value') => {
    let node = root
    let key: SourceRange | undefined
    for (const step of path) {
      if (typeof step === 'number') {
        const item = node.items?.[step]
        if (item === undefined) return key ?? headOf(file, node)
        key = headOf(file, item)
        node = item
      } else {
        const entry = node.entries?.get(step)
        if (entry === undefined) return key ?? headOf(file, node)
        key = { file, start: entry.keyStart, end: entry.keyEnd }
        node = entry.node
      }
    }
    if (part === 'key' && key !== undefined) return key
    // A map or a list reaches over many lines: its key says better where it is.
    return node.kind === 'scalar' || key === undefined
      ? { file, start: node.start, end: node.end }
      : spanOf(file, node, key)
  },
})

/** A value on one line (flow style) is shown itself; one over several lines by its key. */
const spanOf = (file: SourceFile, node: TreeNode, key: SourceRange): SourceRange =>
  file.text.slice(node.start, node.end).includes('\n') ? key : { file, start: node.start, end: node.end }

/** A list item as a place: its first key, or itself where it fits one line. */
const headOf = (file: SourceFile, node: TreeNode): SourceRange => {
  const [first] = node.entries?.values() ?? []
  if (first !== undefined && file.text.slice(node.start, node.end).includes('\n')) {
    return { file, start: first.keyStart, end: first.keyEnd }
  }
  return { file, start: node.start, end: node.end }
}
