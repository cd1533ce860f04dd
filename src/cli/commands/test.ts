import { join } from 'node:path'
import type { Host } from '../../host/host.ts'
import type { BuildPlan } from '../../plan/build-plan.ts'
import { proveCluster } from '../../proof/prove.ts'
import { jsonReport, junitReport } from '../../proof/reports/machine-reports.ts'
import { textReport } from '../../proof/reports/text-report.ts'
import type { Verdict } from '../../proof/verdict.ts'
import { exitCodes } from '../exit-codes.ts'
import { loadPlan } from '../load-plan.ts'
import type { TestOptions } from '../options.ts'
import { stopOnFaults } from '../report-diagnostics.ts'

const renderers: Readonly<Record<TestOptions['format'], (verdict: Verdict) => string>> = {
  text: textReport,
  json: jsonReport,
  junit: junitReport,
}

/** The first boot does the work of a lifetime; the second shows that it is not done again. */
const boots = 2

const hasNode = (plan: BuildPlan, name: string): boolean => plan.nodes.some((node) => node.name === name)

/** Boots what `build` left in the output folder, and judges it against the plan. Builds and downloads nothing. */
export const run = async (host: Host, options: TestOptions): Promise<number> => {
  const format = options.format === 'json' ? 'json' : 'text'
  const [loaded, diagnostics] = await loadPlan(host, options.profile)
  const stopped = stopOnFaults(diagnostics, { ...options, format })
  if (stopped !== undefined) return stopped
  if (loaded === undefined) return exitCodes.profile
  const { plan, resolved } = loaded
  if (options.node !== undefined && !hasNode(plan, options.node)) {
    const names = plan.nodes.map(({ name }) => name).join(', ')
    options.terminal.err(`error: the profile has no node ${options.node}; its nodes: ${names}\n`)
    return exitCodes.usage
  }
  const { verdict } = await proveCluster(host, plan, {
    imageDirectory: join(options.output, plan.cluster),
    node: options.node,
    models: Object.fromEntries(Object.entries(resolved.boards).map(([name, { qemu }]) => [name, qemu])),
    accelerator: options.accel,
    boots,
  })
  options.terminal.out(renderers[options.format](verdict))
  return verdict.passed ? exitCodes.ok : exitCodes.proof
}
