import { EnvironmentFault } from '../diagnostics/fault.ts'
import { lineColumnOf } from '../diagnostics/source-file.ts'
import type { YamlTree } from '../diagnostics/yaml/yaml-tree.ts'

/** A fault that a key of the profile leads to gets that key's line: `profile.yaml:7:3`. */
export const withPlaces = async <T>(tree: YamlTree, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (fault) {
    if (fault instanceof EnvironmentFault && fault.at !== undefined && fault.place === undefined) {
      const { file, start } = tree.locate(fault.at)
      const { line, column } = lineColumnOf(file, start)
      fault.place = `${file.path}:${line}:${column}`
    }
    throw fault
  }
}
