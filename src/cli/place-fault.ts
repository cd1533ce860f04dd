import type { ProfilePlace } from '../diagnostics/fault.ts'
import { EnvironmentFault } from '../diagnostics/fault.ts'
import { lineColumnOf } from '../diagnostics/source-file.ts'
import type { Path } from '../diagnostics/yaml/yaml-tree.ts'
import type { CheckedProfile } from '../profile/validate.ts'

type Places = Pick<CheckedProfile, 'tree' | 'nodes'>

const pathOf = ({ nodes }: Places, at: ProfilePlace): Path => {
  if (!('node' in at)) return at
  return nodes.find(({ name }) => name === at.node)?.origin(at.part) ?? []
}

/** A fault that a key of the profile leads to gets that key's line: `profile.yaml:7:3`. */
export const withPlaces = async <T>(checked: Places, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (fault) {
    if (fault instanceof EnvironmentFault && fault.at !== undefined && fault.place === undefined) {
      const { file, start } = checked.tree.locate(pathOf(checked, fault.at))
      const { line, column } = lineColumnOf(file, start)
      fault.place = `${file.path}:${line}:${column}`
    }
    throw fault
  }
}
