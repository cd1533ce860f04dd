import type { Code } from '../diagnostics/codes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Path, YamlTree } from '../diagnostics/yaml/yaml-tree.ts'
import type { Profile } from './schema.ts'

interface Unbuildable {
  readonly code: Code
  readonly what: string
  /** Every place where the profile asks for it. */
  readonly find: (profile: Profile) => readonly Path[]
}

const when = (condition: boolean, path: Path): readonly Path[] => (condition ? [path] : [])

/** The one table of what `validate` accepts and this version cannot build. A feature that comes removes its row. */
const table: readonly Unbuildable[] = [
  {
    code: 'S0008',
    what: 'a base image of your own that Ignition sets up',
    find: ({ provision, base }) => when(provision === 'ignition' && base?.image !== undefined, ['provision']),
  },
]

/** Everything the profile asks for that cannot be built yet: nothing in a profile is ever ignored. */
export const checkBuildable = (profile: Profile, tree: YamlTree): readonly Diagnostic[] =>
  table.flatMap(({ code, what, find }) =>
    find(profile).map((path) => ({
      code,
      severity: 'error' as const,
      message: `${what} cannot be built by this version yet`,
      range: tree.locate(path),
      help: `\`appliance explain ${code}\` tells what to use instead`,
    })),
  )
