import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { CheckedProfile } from './validate.ts'

/** Gives faults that name a node and a part of it, or a path, their place in the text: under `defaults` when it was inherited. */
export const placeFaults = (
  { nodes, tree }: Pick<CheckedProfile, 'nodes' | 'tree'>,
  faults: readonly Diagnostic[],
): readonly Diagnostic[] =>
  faults.map((fault) => {
    const { range, subject } = fault
    if (range !== undefined || subject === undefined) return fault
    if ('path' in subject) return { ...fault, range: tree.locate(subject.path) }
    const node = nodes.find(({ name }) => name === subject.node)
    return node === undefined ? fault : { ...fault, range: tree.locate(node.origin(subject.part)) }
  })
