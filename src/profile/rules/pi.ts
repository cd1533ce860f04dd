import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { suggestionHelp } from '../../diagnostics/suggest.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { RaspberryPiFirmware } from '../../recipes/recipe.ts'
import type { EffectiveNode } from '../effective-node.ts'
import type { ProfilePi } from '../pi.ts'
import { overlayParameters, ownConfigKeys, ownKernelArguments } from '../pi.ts'
import type { Rule, RuleContext } from './context.ts'
import { faultAt } from './context.ts'

/** The firmware reads no more of a line of config.txt (raspberrypi.com/documentation, "config.txt", file format). */
const longestConfigLine = 98

const firmwareOf = (
  { recipes }: RuleContext,
  { board }: Pick<EffectiveNode, 'board'>,
): RaspberryPiFirmware | 'uefi' | undefined => recipes.boards[board ?? '']?.firmware

interface PiNode {
  readonly node: EffectiveNode
  readonly pi: ProfilePi
  readonly firmware: RaspberryPiFirmware
  readonly at: (...part: Path) => Path
}

/** Nodes that are a Raspberry Pi and have settings for it. */
const piNodes = (context: RuleContext): readonly PiNode[] =>
  context.nodes.flatMap((node) => {
    const firmware = firmwareOf(context, node)
    if (firmware === undefined || firmware === 'uefi' || node.pi === undefined) return []
    return [{ node, pi: node.pi, firmware, at: (...part) => node.origin(['pi', ...part]) }]
  })

/** What several nodes inherit is told once. */
const oncePerPlace = (faults: readonly Diagnostic[]): readonly Diagnostic[] => {
  const seen = new Set<string>()
  return faults.filter(({ code, range, message }) => {
    const key = `${code} ${range?.start} ${range?.end} ${message}`
    return !seen.has(key) && seen.add(key) !== undefined
  })
}

const onPiNodes =
  (rule: (context: RuleContext, node: PiNode) => readonly Diagnostic[]): Rule =>
  (context) =>
    oncePerPlace(piNodes(context).flatMap((node) => rule(context, node)))

/** A setting of the node itself is for a Raspberry Pi; one of `defaults` for those nodes that are one. */
export const piOnPis: Rule = (context) => {
  const { profile, nodes } = context
  const own = nodes.flatMap((node, position) => {
    const firmware = firmwareOf(context, node)
    if (profile.nodes[position]?.pi === undefined || firmware !== 'uefi') return []
    return [
      faultAt(context, 'R1700', ['nodes', node.index, 'pi'], `\`${node.board}\` is no Raspberry Pi`, {
        part: 'key',
        help: 'remove `pi`, or set `board` to a Raspberry Pi',
      }),
    ]
  })
  const inherits = nodes.some((node) => firmwareOf(context, node) !== 'uefi')
  if (profile.defaults?.pi === undefined || inherits) return own
  return [
    ...own,
    faultAt(context, 'R1700', ['defaults', 'pi'], 'no node is a Raspberry Pi', {
      part: 'key',
      help: 'remove `pi`, or set `board` of a node to a Raspberry Pi',
    }),
  ]
}

/** What only the device trees of the vendor's kernel can be told. */
const deviceTreeSettings = ({
  pi,
  at,
}: PiNode): readonly { readonly path: Path; readonly what: string }[] => [
  ...((pi.overlays ?? []).length === 0 ? [] : [{ path: at('overlays'), what: 'overlays' }]),
  ...(Object.keys(pi.params ?? {}).length === 0 ? [] : [{ path: at('params'), what: 'parameters' }]),
  ...(pi.fan === undefined ? [] : [{ path: at('fan'), what: 'overlay for a fan' }]),
]

export const overlaysOfVendor: Rule = onPiNodes((context, node) => {
  if (typeof context.profile.base?.kernel === 'object') return []
  return deviceTreeSettings(node).map(({ path, what }) =>
    faultAt(context, 'R1701', path, `Debian's kernel and device trees take no ${what}`, {
      part: 'key',
      help: "name the packages of the vendor's kernel under `base.kernel.packages`, or remove it",
    }),
  )
})

const configLineProblem = (line: string): { readonly message: string; readonly help: string } | undefined => {
  if (/[\r\n]/.test(line))
    return { message: 'a line of config.txt is one line', help: 'write each line as an entry of its own' }
  if (line.length > longestConfigLine) {
    return {
      message: `the firmware reads ${longestConfigLine} characters of a line, this one has ${line.length}`,
      help: 'make it shorter',
    }
  }
  const key = /^\s*([a-z0-9_]+)/i.exec(line)?.[1]?.toLowerCase() ?? ''
  const why = Object.hasOwn(ownConfigKeys, key) ? ownConfigKeys[key] : undefined
  return why === undefined ? undefined : { message: `\`${key}\` is not for a line of your own`, help: why }
}

export const rawConfigLines: Rule = onPiNodes((context, { pi, at }) =>
  (pi.config ?? []).flatMap((line, index) => {
    const problem = configLineProblem(line)
    return problem === undefined
      ? []
      : [faultAt(context, 'R1702', at('config', index), problem.message, { help: problem.help })]
  }),
)

/** Each becomes a line of config.txt, `dtparam=name=value`. */
export const parameterNames: Rule = onPiNodes((context, { pi, at }) => {
  const holders: readonly (readonly [Path, readonly string[]])[] = [
    [['params'], Object.keys(pi.params ?? {})],
    ...(pi.overlays ?? []).map((overlay, index): readonly [Path, readonly string[]] => [
      ['overlays', index, 'params'],
      Object.keys(overlayParameters(overlay)),
    ]),
  ]
  return holders.flatMap(([path, names]) =>
    names
      .filter((name) => !/^[A-Za-z0-9_-]+$/.test(name))
      .map((name) =>
        faultAt(context, 'R1702', at(...path, name), `\`${name}\` is no name of a parameter`, {
          part: 'key',
          help: 'use letters, digits, `_` and `-`',
        }),
      ),
  )
})

const wordProblem = (word: string): { readonly message: string; readonly help: string } | undefined => {
  if (/[\r\n]/.test(word)) {
    return {
      message: 'the firmware reads the first line of the command line and no other',
      help: 'write each word as an entry of its own, on one line',
    }
  }
  // Double quotes hold a value with spaces together (Linux, Documentation/admin-guide/kernel-parameters).
  if (/\s/.test(word.replace(/"[^"]*"/g, '')) || (word.match(/"/g)?.length ?? 0) % 2 === 1) {
    return {
      message: 'this is more than one word',
      help: 'write each word as an entry of its own; a value with spaces in double quotes',
    }
  }
  const key = word.split('=')[0] ?? ''
  if (!ownKernelArguments.includes(key)) return undefined
  return { message: `\`${key}\` is what the image itself says`, help: 'remove it' }
}

export const rawKernelArguments: Rule = onPiNodes((context, { pi, at }) =>
  (pi.cmdline ?? []).flatMap((word, index) => {
    const problem = wordProblem(word)
    return problem === undefined
      ? []
      : [faultAt(context, 'R1703', at('cmdline', index), problem.message, { help: problem.help })]
  }),
)

export const knownPageSize: Rule = onPiNodes((context, { node, pi, firmware, at }) => {
  if (pi.kernel === undefined || firmware.pageSizes.includes(pi.kernel)) return []
  return [
    faultAt(
      context,
      'R1704',
      at('kernel'),
      `the processor of \`${node.board}\` runs no kernel with pages of ${pi.kernel.replace('k', ' KiB')}`,
      { help: `use \`kernel: ${firmware.pageSizes[0]}\`, or remove it` },
    ),
  ]
})

export const knownModel: Rule = onPiNodes((context, { node, pi, firmware, at }) => {
  const models = firmware.deviceTrees.map(({ model }) => model)
  if (pi.model === undefined || models.includes(pi.model)) return []
  const help = suggestionHelp(pi.model, models) ?? `known: ${models.join(', ')}`
  return [
    faultAt(context, 'R1705', at('model'), `\`${node.board}\` knows no model \`${pi.model}\``, { help }),
  ]
})

/** Some settings exist on some models only; what does nothing is not accepted. */
export const settingsOfTheBoard: Rule = onPiNodes((context, { node, pi, firmware, at }) => {
  const fault = (part: Path, message: string, help: string): Diagnostic =>
    faultAt(context, 'R1706', at(...part), message, { help })
  return [
    ...(pi.gpuMemory !== undefined && !firmware.settings.includes('gpuMemory')
      ? [fault(['gpuMemory'], `\`${node.board}\` has no memory set apart for graphics`, 'remove `gpuMemory`')]
      : []),
    ...(pi.usbBoot === true && !firmware.settings.includes('usbBoot')
      ? [
          fault(
            ['usbBoot'],
            `\`${node.board}\` keeps what it starts from in its EEPROM, not on a card`,
            'remove `usbBoot`; these boards start from USB as delivered, else set BOOT_ORDER by `rpi-eeprom-config`',
          ),
        ]
      : []),
    ...(pi.fan !== undefined && !firmware.fans.includes(pi.fan.kind)
      ? [
          fault(
            ['fan', 'kind'],
            `no fan of kind \`${pi.fan.kind}\` fits \`${node.board}\``,
            `use one of: ${firmware.fans.join(', ')}`,
          ),
        ]
      : []),
    ...fanProblems(pi).map(({ part, message, help }) => fault(part, message, help)),
  ]
})

const fanProblems = ({
  fan,
}: ProfilePi): readonly { readonly part: Path; readonly message: string; readonly help: string }[] => {
  if (fan === undefined) return []
  const temperatures = fan.temperatures ?? []
  const rising = temperatures.every((each, index) => index === 0 || each > (temperatures[index - 1] ?? 0))
  return [
    ...(fan.kind === 'gpio' && fan.pin === undefined
      ? [{ part: ['fan', 'kind'], message: 'no pin switches the fan', help: 'add `pin`: a GPIO, such as 14' }]
      : []),
    ...(fan.kind !== 'gpio' && fan.pin !== undefined
      ? [{ part: ['fan', 'pin'], message: `a fan of kind \`${fan.kind}\` has no pin`, help: 'remove it' }]
      : []),
    ...(fan.kind === 'gpio' && temperatures.length > 1
      ? [{ part: ['fan', 'temperatures'], message: 'a switched fan has one speed', help: 'write one' }]
      : []),
    ...(rising
      ? []
      : [
          {
            part: ['fan', 'temperatures'],
            message: 'the temperatures do not rise',
            help: 'write the lowest first',
          },
        ]),
  ]
}
