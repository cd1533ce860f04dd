import { givenPackages, kernelChoice } from '../kernel-choice.ts'
import type { Rule } from './context.ts'
import { faultAt } from './context.ts'

const path = ['base', 'kernel']

/** Never a card that cannot boot: each board says which kernels drive it. */
export const drivenByTheKernel: Rule = (context) => {
  const { profile, nodes, recipes, isSound } = context
  if (!isSound(path)) return []
  const seen = new Set<string>()
  return nodes.flatMap((node) => {
    const board = recipes.boards[node.board ?? '']
    if (board === undefined || board.firmware === 'uefi') return []
    const { source } = kernelChoice(profile, node, board.firmware)
    const at = node.origin(['board'])
    if (board.firmware.kernels.includes(source) || seen.has(at.join())) return []
    seen.add(at.join())
    return [
      faultAt(context, 'R1707', at, `the base's ${source} kernel does not drive \`${board.name}\``, {
        help: board.firmware.kernels.includes('backports')
          ? "add `base: { kernel: backports }`, or name the packages of the vendor's kernel under `base.kernel.packages`"
          : "name the packages of the vendor's kernel under `base.kernel.packages`",
        related: profile.base?.kernel === undefined ? [] : [{ path, note: 'the kernel is chosen here' }],
      }),
    ]
  })
}

export const kernelForSomebody: Rule = (context) => {
  const { profile, nodes, recipes } = context
  const given = givenPackages(profile)
  if (typeof profile.base?.kernel !== 'object') return []
  if (given.length === 0) {
    return [
      faultAt(context, 'R1708', [...path, 'packages'], 'no package is named', {
        help: 'name the packages of the kernel, or remove `kernel`',
      }),
    ]
  }
  const used = nodes.some((node) => {
    const firmware = recipes.boards[node.board ?? '']?.firmware
    return firmware === undefined || firmware !== 'uefi'
  })
  if (used) return []
  return [
    faultAt(context, 'R1708', path, 'no node is a Raspberry Pi, which this kernel is for', {
      part: 'key',
      help: 'remove `kernel`, or set `board` of a node to a Raspberry Pi',
    }),
  ]
}
