import type { Code } from '../../diagnostics/codes.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { suggest } from '../../diagnostics/suggest.ts'
import type { Path } from '../../diagnostics/yaml/yaml-tree.ts'
import type { EffectiveNode } from '../../profile/effective-node.ts'
import { kernelChoice, kernelKey } from '../../profile/kernel-choice.ts'
import { overlayName } from '../../profile/pi.ts'
import type { CheckedProfile } from '../../profile/validate.ts'
import type { Recipes } from '../../recipes/read-recipes.ts'
import type { RaspberryPiFirmware } from '../../recipes/recipe.ts'
import type { Lock } from '../lock.ts'
import type { DeviceTreeParameters } from '../pi.ts'
import { resolvePi } from '../pi.ts'
import type { LockedKernel } from './locked-kernel.ts'
import { modelsOf } from './models.ts'

interface Found {
  readonly code: Code
  readonly message: string
  readonly part: Path
  readonly help: string
  readonly severity?: 'warning'
}

const listed = (word: string, known: readonly string[], what: string): string => {
  const near = suggest(word, known)
  if (near !== undefined) return `did you mean \`${near}\`?`
  if (known.length === 0) return `there are no ${what}`
  return known.length <= 12
    ? `known: ${known.join(', ')}`
    : `there are ${known.length} ${what}; see the README beside them`
}

const modelFaults = (
  board: string,
  firmware: RaspberryPiFirmware,
  kernel: LockedKernel,
  model: string | undefined,
): readonly Found[] => {
  const { served, missing } = modelsOf(firmware, kernel)
  const names = served.map((each) => each.model)
  const help =
    names.length === 0
      ? 'use another kernel: see `base.kernel`'
      : `it has one for: ${names.join(', ')}; or use another kernel: see \`base.kernel\``
  if (served.length === 0) {
    const message = `the kernel ${kernel.release} has no device tree for \`${board}\``
    return [{ code: 'L0061', message, part: ['board'], help }]
  }
  if (model !== undefined) {
    if (names.includes(model)) return []
    const message = `the kernel ${kernel.release} has no device tree for the model \`${model}\``
    return [{ code: 'L0061', message, part: ['pi', 'model'], help }]
  }
  if (missing.length === 0) return []
  return [
    {
      code: 'L0062',
      severity: 'warning',
      message: `the kernel ${kernel.release} has no device tree for: ${missing.join(', ')}; a card for \`${board}\` does not start there`,
      part: ['board'],
      help: `say by \`pi.model\` which one it is for: ${names.join(', ')}`,
    },
  ]
}

const parameterFaults = (
  code: Code,
  owner: string,
  known: readonly string[],
  parameters: DeviceTreeParameters,
  partOf: (name: string) => Path,
): readonly Found[] =>
  parameters.flatMap(([name]) =>
    known.includes(name)
      ? []
      : [
          {
            code,
            message: `${owner} has no parameter \`${name}\``,
            part: partOf(name),
            help: listed(name, known, 'parameters'),
          },
        ],
  )

/** What the firmware would pass over without a word on any screen. */
const overlayFaults = (
  firmware: RaspberryPiFirmware,
  kernel: LockedKernel,
  node: EffectiveNode,
): readonly Found[] => {
  const { overlays, parameters } = resolvePi(node.pi)
  if (overlays.length + parameters.length === 0) return []
  const known = kernel.board?.overlays
  if (known === null || known === undefined) {
    const part = ['pi', overlays.length > 0 && node.pi?.overlays !== undefined ? 'overlays' : 'params']
    return [
      {
        code: 'L0063',
        message: `the packages of the kernel ${kernel.release} hold no overlays`,
        part: node.pi?.fan !== undefined && node.pi.overlays === undefined ? ['pi', 'fan'] : part,
        help: "give the packages of the vendor's kernel",
      },
    ]
  }
  const own = (node.pi?.overlays ?? []).map(overlayName)
  const names = Object.keys(known.byName)
  const fromOverlays = overlays.flatMap(({ name, parameters: list }, index): readonly Found[] => {
    const part = index < own.length ? ['pi', 'overlays', index] : ['pi', 'fan']
    const parametersOf = Object.hasOwn(known.byName, name) ? known.byName[name] : undefined
    if (parametersOf === undefined) {
      const message = `the kernel ${kernel.release} has no overlay \`${name}\``
      return [{ code: 'L0063', message, part, help: listed(name, names, 'overlays') }]
    }
    return parameterFaults('L0064', `the overlay \`${name}\``, parametersOf, list, (key) =>
      index < own.length ? [...part, 'params', key] : part,
    )
  })
  const { model } = node.pi ?? {}
  const files = modelsOf(firmware, kernel)
    .served.filter((each) => model === undefined || each.model === model)
    .map(({ file }) => file)
  const treeParameters = [...new Set(files.flatMap((file) => known.parameters[file] ?? []))]
  const inProfile = Object.keys(node.pi?.params ?? {})
  return [
    ...fromOverlays,
    ...parameterFaults(
      'L0065',
      `the device tree of \`${model ?? node.board}\``,
      treeParameters,
      parameters,
      (name) => (inProfile.includes(name) ? ['pi', 'params', name] : ['pi', 'fan']),
    ),
  ]
}

const nodeFaults = (
  { profile }: CheckedProfile,
  node: EffectiveNode,
  recipes: Recipes,
  lock: Lock,
): readonly Found[] => {
  const board = recipes.boards[node.board ?? '']
  if (board === undefined || board.firmware === 'uefi') return []
  const choice = kernelChoice(profile, node, board.firmware)
  const kernel = lock.base.kernels[board.architecture]?.[kernelKey(choice)]
  if (kernel === undefined) {
    const pages = choice.pages.replace('k', ' KiB')
    return [
      {
        code: 'L0066',
        message: `none of the kernels under \`base.kernel.packages\` has pages of ${pages}`,
        part: node.pi?.kernel === undefined ? ['board'] : ['pi', 'kernel'],
        help: 'add the package of one that has, or ask for another size by `pi.kernel`; then run `appliance lock` again',
      },
    ]
  }
  return [
    ...modelFaults(board.name, board.firmware, kernel, node.pi?.model),
    ...overlayFaults(board.firmware, kernel, node),
  ]
}

/** Where a Raspberry Pi asks its kernel for what the locked packages do not hold; what several nodes inherit, once. */
export const checkKernels = (
  checked: CheckedProfile,
  recipes: Recipes,
  lock: Lock,
): readonly Diagnostic[] => {
  // A base image brings its own.
  if (lock.base.image !== null) return []
  const seen = new Set<string>()
  return checked.nodes.flatMap((node) =>
    nodeFaults(checked, node, recipes, lock).flatMap(
      ({ code, message, part, help, severity }): readonly Diagnostic[] => {
        const range = checked.tree.locate(node.origin(part))
        const key = `${message} ${range?.start}`
        if (seen.has(key)) return []
        seen.add(key)
        return [{ code, severity: severity ?? 'error', message, range, help }]
      },
    ),
  )
}
