import { join } from 'node:path'
import type { Host } from '../../host/host.ts'
import { proveCluster } from '../../proof/prove.ts'
import { jsonReport, junitReport } from '../../proof/reports/machine-reports.ts'
import { textReport } from '../../proof/reports/text-report.ts'
import type { Verdict } from '../../proof/verdict.ts'
import { exitCodes } from '../exit-codes.ts'
import type { TestOptions } from '../options.ts'
import { requirePlan } from '../require-plan.ts'

const renderers: Readonly<Record<TestOptions['format'], (verdict: Verdict) => string>> = {
  text: textReport,
  json: jsonReport,
  junit: junitReport,
}

/** The first boot does the work of a lifetime; the second shows that it is not done again. */
const boots = 2

/** Boots what `build` left in the output folder, and judges it against the plan. Builds and downloads nothing. */
export const run = async (host: Host, options: TestOptions): Promise<number> => {
  const format = options.format === 'json' ? 'json' : 'text'
  const loaded = await requirePlan(host, { ...options, format })
  if (typeof loaded === 'number') return loaded
  const { plan, resolved } = loaded
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
