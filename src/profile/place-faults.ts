import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { CheckedProfile } from './validate.ts'

/** Gives faults that name a node and a part of it their place in the text: under `defaults` when it was inherited. */
export const placeFaults = (
  { nodes, tree }: Pick<CheckedProfile, 'nodes' | 'tree'>,
  faults: readonly Diagnostic[],
): readonly Diagnostic[] =>
  faults.map((fault) => {
    const node = nodes.find(({ name }) => name === fault.subject?.node)
    if (fault.range !== undefined || fault.subject === undefined || node === undefined) return fault
    return { ...fault, range: tree.locate(node.origin(fault.subject.part)) }
  })
