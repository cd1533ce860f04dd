import type { ExpectedAddOn, NodePlan } from '../../plan/build-plan.ts'
import type { BootEvidence, WorkloadEvidence } from '../evidence.ts'
import type { Outcome } from './check.ts'
import { factLines, noneOf } from './check.ts'

/** Planned AddOns that k3s has not applied, each with what it shows instead. */
const unapplied = (
  node: NodePlan,
  workloads: WorkloadEvidence | undefined,
): readonly { readonly addOn: ExpectedAddOn; readonly why: string }[] => {
  const sums = new Map((workloads?.addOns ?? []).map(({ name, checksum }) => [name, checksum]))
  return node.expect.addOns.flatMap((addOn) => {
    const sum = sums.get(addOn.name)
    if (sum === undefined) return [{ addOn, why: 'is not known to k3s' }]
    if (sum === '')
      return [{ addOn, why: 'has not been applied: `kubectl -n kube-system get events` says why' }]
    return addOn.sha256 === null || addOn.sha256 === sum
      ? []
      : [{ addOn, why: 'was applied with other content' }]
  })
}

/** Whether k3s has applied all that it shall deploy of this node. */
export const isDeployed = (node: NodePlan, workloads: WorkloadEvidence | undefined): boolean =>
  unapplied(node, workloads).length === 0

/** Where files for k3s to deploy lie on the node, in their own words. */
export const manifestChecks = (boot: BootEvidence, node: NodePlan): Readonly<Record<string, Outcome>> => {
  const own = new Set(node.seed.install.map(({ target }) => target))
  // Files of the seed are judged with all others of it.
  const planned = node.expect.addOns.filter(({ file }) => !own.has(file))
  if (planned.length === 0) return {}
  const found = new Map(
    factLines(boot, 'manifests').map((line) => {
      const [mode = '', owner = '', sha256 = '', ...path] = line.split(' ')
      return [path.join(' '), { rights: `${mode} ${owner}`, sha256 }] as const
    }),
  )
  const complaints = planned.flatMap(({ file, sha256 }) => {
    const there = found.get(file)
    if (there === undefined) return [`${file} is missing`]
    if (there.rights !== '600 root:root') return [`${file}: ${there.rights}`]
    return sha256 === null || there.sha256 === sha256 ? [] : [`${file} has other content`]
  })
  const count = planned.length
  return {
    'manifests-placed': noneOf(
      complaints,
      `${count} manifests of the payload, mode 0600 of root`,
      `all ${count}`,
    ),
  }
}

/** Over the API: what k3s made of them. */
export const deployChecks = (boot: BootEvidence, node: NodePlan): Readonly<Record<string, Outcome>> => {
  const count = node.expect.addOns.length
  if (count === 0) return {}
  const workloads = boot.api?.workloads
  const failed = (workloads?.charts ?? []).flatMap((chart) =>
    chart.failed === null ? [] : [`${chart.name}: ${chart.failed}`],
  )
  return {
    'manifests-applied': noneOf(
      unapplied(node, workloads).map(({ addOn, why }) => `${addOn.name} ${why}`),
      `${count} manifests and charts, applied by k3s as they were planned`,
      `all ${count}`,
    ),
    'charts-accepted': noneOf(failed, 'no chart that k3s gave up', 'none'),
  }
}
