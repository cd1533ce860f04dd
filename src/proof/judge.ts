import type { NodePlan } from '../plan/build-plan.ts'
import { comparisonChecks } from './checks/boot-comparison.ts'
import type { Outcome } from './checks/check.ts'
import { baseImageChecks, diskChecks, hybridDiskChecks, madeBaseChecks } from './checks/disk-checks.ts'
import { hardeningChecks } from './checks/hardening-checks.ts'
import { apiChecks, k3sChecks, serverChecks } from './checks/k3s-checks.ts'
import { secretChecks } from './checks/secret-checks.ts'
import { siteChecks } from './checks/site-checks.ts'
import { startChecks } from './checks/start-checks.ts'
import { deployChecks, manifestChecks } from './checks/workload-checks.ts'
import type { BootEvidence } from './evidence.ts'
import type { Check } from './verdict.ts'

/** What the checks need beside the evidence. */
export interface Expected {
  readonly node: NodePlan
  readonly k3sVersion: string
  /** Seconds since 1970: the lock's time. */
  readonly epoch: number
  /** Size of the disk that the machine was given. */
  readonly diskBytes: number
  /** False where the machine has no link: nothing can be asked from outside. */
  readonly reachable: boolean
}

const named = (name: string, boot: number, outcome: Outcome): Check => ({ name, boot, ...outcome })

/** Every check of one boot. A node that never reported fails them all by their own words. */
export const judgeBoot = (expected: Expected, boot: BootEvidence): readonly Check[] => {
  const { node, epoch, diskBytes, reachable } = expected
  const outcomes: Record<string, Outcome> = {}
  for (const [name, check] of Object.entries(startChecks)) outcomes[name] = check(boot, node, epoch)
  for (const [name, check] of Object.entries(k3sChecks)) outcomes[name] = check(boot, node)
  if (node.role === 'server') {
    for (const [name, check] of Object.entries(serverChecks)) outcomes[name] = check(boot, node)
  }
  if (reachable) for (const [name, check] of Object.entries(apiChecks)) outcomes[name] = check(boot, node)
  const ofBase = node.base.kind === 'made' ? madeBaseChecks : baseImageChecks
  for (const [name, check] of Object.entries({ ...ofBase, ...diskChecks }))
    outcomes[name] = check(boot, node, diskBytes)
  if (node.disk.table === 'hybrid') {
    for (const [name, check] of Object.entries(hybridDiskChecks))
      outcomes[name] = check(boot, node, diskBytes)
  }
  for (const [name, check] of Object.entries(siteChecks)) {
    const outcome = check(boot, node)
    if (outcome !== undefined) outcomes[name] = outcome
  }
  for (const [name, check] of Object.entries(secretChecks)) outcomes[name] = check(boot, node)
  Object.assign(outcomes, hardeningChecks(boot, node), manifestChecks(boot, node))
  if (reachable) Object.assign(outcomes, deployChecks(boot, node))
  return Object.entries(outcomes).map(([name, outcome]) => named(name, boot.boot, outcome))
}

/** The verdict on a node: each boot by itself, then all of them together. */
export const judgeNode = (expected: Expected, boots: readonly BootEvidence[]): readonly Check[] => [
  ...boots.flatMap((boot) => judgeBoot(expected, boot)),
  ...(boots.length < 2
    ? []
    : Object.entries(comparisonChecks).map(([name, check]) =>
        named(name, 0, check(boots, expected.k3sVersion)),
      )),
]
