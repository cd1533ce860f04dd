import type { SourceRange } from '../../diagnostics/source-file.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { Fragment } from './claims.ts'
import { partOf } from './fragment-harm.ts'

/** Where something stands in a fragment, as its author has it; `at`: by the keys of cloud-config or Ignition. */
export const placeInFragment = (fragment: Fragment, at: Path): SourceRange =>
  fragment.kind === 'ignition' ? fragment.locate(at, partOf(at)) : fragment.tree.locate(at, partOf(at))
