import { loadPlan } from '../../src/cli/load-plan.ts'
import type { NodeHost } from '../../src/host/node-host.ts'
import type { BuildPlan } from '../../src/plan/build-plan.ts'
import type { BootEvidence } from '../../src/proof/evidence.ts'
import type { ProofOptions } from '../../src/proof/prove.ts'
import { proveCluster } from '../../src/proof/prove.ts'
import type { MachineModel } from '../../src/proof/qemu/machine-model.ts'
import { textReport } from '../../src/proof/reports/text-report.ts'
import type { Verdict } from '../../src/proof/verdict.ts'
import type { Workspace } from './workspace.ts'

export interface BuiltCluster {
  readonly plan: BuildPlan
  readonly models: Readonly<Record<string, MachineModel>>
}

/** The plan that the images of a workspace were built from. */
export const planOf = async (host: NodeHost, { profile }: Workspace): Promise<BuiltCluster> => {
  const [loaded, diagnostics] = await loadPlan(host, profile)
  if (loaded === undefined) throw new Error(diagnostics.map(({ message }) => message).join('; '))
  const { plan, resolved } = loaded
  const models = Object.fromEntries(Object.entries(resolved.boards).map(([name, { qemu }]) => [name, qemu]))
  return { plan, models }
}

/** Boots a workspace's images under conditions that the command line has no flag for. */
export const prove = async (
  host: NodeHost,
  workspace: Workspace,
  options: Pick<ProofOptions, 'boots'> &
    Partial<Pick<ProofOptions, 'link' | 'clockBase' | 'node' | 'models' | 'alterStart'>>,
): Promise<{ readonly verdict: Verdict; readonly boots: (node: string) => readonly BootEvidence[] }> => {
  const { plan, models } = await planOf(host, workspace)
  const { verdict, evidence } = await proveCluster(host, plan, {
    imageDirectory: workspace.imageDirectory,
    models,
    accelerator: 'auto',
    node: undefined,
    ...options,
  })
  return { verdict, boots: (node) => evidence.get(node) ?? [] }
}

/** Fails with the report that a user would read. */
export const requirePassed = (verdict: Verdict): void => {
  if (!verdict.passed) throw new Error(`\n${textReport(verdict)}`)
}
