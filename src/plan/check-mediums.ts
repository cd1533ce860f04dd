import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { baseOf } from './base-of.ts'
import type { BuildPlan } from './build-plan.ts'
import { foldersOf } from './build-plan.ts'
import { mediumBounds } from './size-bounds.ts'

const inMib = (bytes: number): number => Math.ceil(bytes / (1024 * 1024))

/** R0502 where it cannot fit; R0342 where the images that k3s unpacks may fill what is left of the medium. */
export const checkMediums = (plan: BuildPlan): readonly Diagnostic[] =>
  plan.nodes.flatMap((node): readonly Diagnostic[] => {
    const payload = plan.payloads.find(({ id }) => id === node.payloadId)
    if (payload === undefined || node.mediumBytes === null) return []
    const { lower, upper } = mediumBounds(node, baseOf(plan, node), payload)
    const subject = { node: node.name, part: ['storage', 'size'] }
    const holds = `its medium holds ${inMib(node.mediumBytes)} MiB`
    if (lower > node.mediumBytes) {
      const message = `${node.name} needs at least ${inMib(lower)} MiB; ${holds}`
      const help = 'use a larger medium, or carry fewer images'
      return [{ code: 'R0502', severity: 'error', message, subject, help }]
    }
    if (upper <= node.mediumBytes) return []
    const message = `${node.name} may need ${inMib(upper)} MiB when all its images have run; ${holds}`
    const help = `use a larger medium, carry fewer images, or look at the card after a start: \`df -h ${foldersOf(node).data}\``
    return [{ code: 'R0342', severity: 'warning', message, subject, help }]
  })
