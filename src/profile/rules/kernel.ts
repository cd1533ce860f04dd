import { givenPackages, kernelChoice } from '../kernel-choice.ts'
import type { Rule } from './context.ts'
import { faultAt } from './context.ts'
import { once } from './network.ts'

const path = ['base', 'kernel']

/** Never a card that cannot boot: each board says which kernels drive it. A base image of the user's brings its own. */
export const drivenByTheKernel: Rule = (context) => {
  const { profile, nodes, recipes, isSound } = context
  if (!isSound(path) || profile.base?.image !== undefined) return []
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

/** A card starts by the device tree of its model. What the packages really hold, `lock` looks up (L0061). */
export const deviceTreeForTheModel: Rule = (context) => {
  const { profile, nodes, recipes, isSound } = context
  if (!isSound(path) || profile.base?.image !== undefined) return []
  return once(
    nodes.flatMap((node) => {
      const board = recipes.boards[node.board ?? '']
      const { pi } = node
      if (board === undefined || board.firmware === 'uefi' || pi?.model === undefined) return []
      const { source } = kernelChoice(profile, node, board.firmware)
      const { kernels, deviceTrees } = board.firmware
      const having = deviceTrees.find(({ model }) => model === pi.model)?.kernels ?? kernels
      if (having.includes(source) || !kernels.includes(source)) return []
      return [
        faultAt(
          context,
          'R0385',
          node.origin(['pi', 'model']),
          `the base's ${source} kernel has no device tree for the model \`${pi.model}\``,
          {
            help: "name the packages of the vendor's kernel under `base.kernel.packages`: without a device tree the card does not start",
            related: [{ path, note: 'the kernel is chosen here' }],
          },
        ),
      ]
    }),
  )
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
