import type { KernelChoice } from '../../profile/kernel-choice.ts'
import { kernelChoice, kernelKey } from '../../profile/kernel-choice.ts'
import type { CheckedProfile } from '../../profile/validate.ts'
import type { Recipes } from '../../recipes/read-recipes.ts'
import type { Architecture } from '../pins.ts'

/** A kernel that at least one node runs. */
export interface KernelRequest extends KernelChoice {
  readonly key: string
  readonly architecture: Architecture
  /** Whether one of them is a Raspberry Pi, which takes device trees out of its packages. */
  readonly forBoards: boolean
}

/** Each once, sorted by architecture and key. */
export const kernelRequests = (
  { profile, nodes }: Pick<CheckedProfile, 'profile' | 'nodes'>,
  recipes: Recipes,
): readonly KernelRequest[] => {
  const found = new Map<string, KernelRequest>()
  for (const node of nodes) {
    const board = recipes.boards[node.board ?? '']
    if (board === undefined) continue
    const { architecture, firmware } = board
    const choice = kernelChoice(profile, node, firmware)
    const key = kernelKey(choice)
    const forBoards = firmware !== 'uefi' || found.get(`${architecture} ${key}`)?.forBoards === true
    found.set(`${architecture} ${key}`, { ...choice, key, architecture, forBoards })
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, request]) => request)
}
