import { posix } from 'node:path'
import type { SourceRange } from '../../diagnostics/source-file.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { Fragment } from './claims.ts'
import type { CloudConfigFragment } from './fragment.ts'
import type { IgnitionFragment } from './ignition-fragment.ts'
import { commandText, stoppedUnits } from './node-commands.ts'
import { unitFolder } from './owned-paths.ts'

/** The place of the first thing that is so. */
const firstOf = <T>(
  items: readonly T[] | undefined,
  at: (index: number) => Path,
  isIt: (item: T) => boolean,
): readonly Path[] => {
  const index = (items ?? []).findIndex(isIt)
  return index < 0 ? [] : [at(index)]
}

const inCloudConfig = ({ config }: CloudConfigFragment, path: string, unit: string): readonly Path[] => [
  ...firstOf(
    config.write_files,
    (index) => ['write_files', index, 'path'],
    (file) => posix.normalize(file.path) === path,
  ),
  ...(['bootcmd', 'runcmd'] as const).flatMap((key) =>
    firstOf(
      config[key],
      (index) => [key, index],
      (command) => stoppedUnits(commandText(command)).includes(unit),
    ),
  ),
]

const inIgnition = ({ config }: IgnitionFragment, path: string): readonly Path[] => [
  ...(['directories', 'files', 'links'] as const).flatMap((list) =>
    firstOf(
      config.storage[list],
      (index) => ['storage', list, index, 'path'],
      (node) => node.path === path,
    ),
  ),
  ...firstOf(
    config.systemd.units,
    (index) => ['systemd', 'units', index, 'name'],
    ({ name }) => `${unitFolder}/${name}` === path,
  ),
  ...config.systemd.units.flatMap(({ name, dropins = [] }, index) =>
    firstOf(
      dropins,
      (place) => ['systemd', 'units', index, 'dropins', place, 'name'],
      (dropin) => `${unitFolder}/${name}.d/${dropin.name}` === path,
    ),
  ),
]

/** Where a fragment speaks of a path on the node or of a unit, written or stopped; undefined where it does not. */
export const placeInFragment = (fragment: Fragment, what: string): SourceRange | undefined => {
  const path = what.startsWith('/') ? posix.normalize(what) : `${unitFolder}/${what}`
  if (fragment.kind === 'ignition') {
    const [place] = inIgnition(fragment, path)
    return place === undefined ? undefined : fragment.locate(place)
  }
  const [place] = inCloudConfig(fragment, path, posix.basename(path))
  return place === undefined ? undefined : fragment.tree.locate(place)
}
