import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import { contentBytes } from './cloud-config-contents.ts'
import type { CloudConfig } from './cloud-config-schema.ts'
import { readContents } from './ignition-contents.ts'
import type { IgnitionUnit, WrittenContents } from './ignition-schema.ts'
import type { Harm, Kept } from './kept.ts'
import type { UserDataContent } from './locked-user-data.ts'
import { brokenByCommand, endsTheStart, harmOfFile, harmOfUnitText } from './node-commands.ts'
import { baseUnitOwner } from './owned-paths.ts'
import { keptBeside } from './spared-units.ts'
import { harmOfLink, harmOfRuleLoader } from './unit-commands.ts'

/** What in a fragment would break the node, beside the places that it writes to. */
export interface FragmentHarm {
  /** In the fragment, by the keys of cloud-config or Ignition. */
  readonly at: Path
  readonly message: string
  readonly help: string
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

const found = (at: Path, subject: string, harm: Harm | undefined): readonly FragmentHarm[] =>
  harm === undefined ? [] : [{ at, message: `${subject} ${harm.what}`, help: harm.help }]

const besideCloudConfig = ({ bootcmd = [], runcmd = [] }: CloudConfig, base: Kept): Kept =>
  keptBeside(base, { commands: [...bootcmd, ...runcmd] })

/** Of commands, and of what is written: units and settings of programs. */
export const harmInCloudConfig = (config: CloudConfig, base: Kept): readonly FragmentHarm[] => {
  const { bootcmd = [], runcmd = [], write_files: files = [] } = config
  const kept = besideCloudConfig(config, base)
  const commands = Object.entries({ bootcmd, runcmd }).flatMap(([key, list]) =>
    list.flatMap((command, index) => {
      const harm = brokenByCommand(command, kept)
      const isEnd = harm === undefined && key === 'bootcmd' && endsTheStart(command)
      const end: Harm = {
        what: 'ends every start before the node is up',
        help: 'remove it, or put it under `runcmd`, which runs once',
      }
      return found([key, index], 'this command', isEnd ? end : harm)
    }),
  )
  const contents = files.flatMap((file, index) => {
    const bytes = contentBytes(file)
    const harm = bytes === undefined ? undefined : harmOfFile(file.path, textOf(bytes), kept)
    return found(['write_files', index, 'content'], `\`${file.path}\``, harm)
  })
  return [...commands, ...contents]
}

interface IgnitionParts {
  readonly storage?: {
    readonly files?: readonly { readonly path: string; readonly contents?: WrittenContents }[]
    readonly links?: readonly { readonly path: string; readonly target: string }[]
  }
  readonly systemd?: { readonly units?: readonly IgnitionUnit[] }
}

const besideIgnition = ({ storage, systemd }: IgnitionParts, base: Kept): Kept =>
  keptBeside(base, {
    enabled: (systemd?.units ?? []).filter(({ enabled }) => enabled === true).map(({ name }) => name),
    written: [...(storage?.files ?? []), ...(storage?.links ?? [])].map(({ path }) => path),
  })

/** What is kept beside units that other parts of the fragment take the place of. */
export const keptBesideFragment = (base: Kept, fragment: UserDataContent): Kept =>
  fragment.kind === 'ignition'
    ? besideIgnition(fragment.config, base)
    : besideCloudConfig(fragment.config, base)

/** Of what units run and are, and of what is written; as the user has written it, or as the lock has it. */
export const harmInIgnition = (config: IgnitionParts, base: Kept): readonly FragmentHarm[] => {
  const kept = besideIgnition(config, base)
  const { storage, systemd } = config
  return [
    ...(storage?.files ?? []).flatMap(({ path, contents }, index) => {
      const bytes = contents === undefined ? undefined : readContents(contents)
      const harm = bytes instanceof Uint8Array ? harmOfFile(path, textOf(bytes), kept) : undefined
      return found(['storage', 'files', index, 'contents'], `\`${path}\``, harm)
    }),
    ...(storage?.links ?? []).flatMap(({ path, target }, index) =>
      found(['storage', 'links', index, 'target'], `\`${path}\``, harmOfLink(path, target)),
    ),
    ...(systemd?.units ?? []).flatMap(({ name, enabled, mask = false, contents, dropins = [] }, index) => {
      const at: Path = ['systemd', 'units', index]
      const isOff = enabled === false && !mask && contents === undefined
      const off: Harm = {
        what: 'is a unit that this node lives by',
        help: `leave it on; ${baseUnitOwner(name).instead}`,
      }
      return [
        ...found([...at, 'name'], `\`${name}\``, isOff && kept.units.includes(name) ? off : undefined),
        ...found([...at, 'enabled'], 'this', enabled === true ? harmOfRuleLoader(name, kept) : undefined),
        ...found([...at, 'contents'], name, harmOfUnitText(contents ?? '', kept)),
        ...dropins.flatMap((dropin, place) =>
          found([...at, 'dropins', place, 'contents'], name, harmOfUnitText(dropin.contents ?? '', kept)),
        ),
      ]
    }),
  ]
}

/** Of a text of several lines the key is shown. */
export const partOf = (at: Path): 'key' | 'value' =>
  /^(?:contents?|enabled)$/.test(String(at.at(-1))) ? 'key' : 'value'
