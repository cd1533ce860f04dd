import type { NodePlan } from '../../plan/build-plan.ts'
import type { BootEvidence } from '../evidence.ts'
import type { Outcome } from './check.ts'
import { equals, fact, factLines, holds, noneOf } from './check.ts'

/** The node came up, and everything on it did. */
export const startChecks: Readonly<
  Record<string, (boot: BootEvidence, node: NodePlan, epoch: number) => Outcome>
> = {
  healthy: (boot) =>
    holds(boot.gaveUp === null, 'k3s serves and the node is ready in time', boot.gaveUp ?? 'it is'),
  'one-start': (boot) => {
    const ids = new Set(boot.bootIds)
    return holds(ids.size === 1, 'one start of the kernel after power-on', `${ids.size} starts`)
  },
  'no-failed-unit': (boot) =>
    boot.facts === undefined
      ? holds(false, 'no failed unit', 'the node did not report')
      : noneOf(factLines(boot, 'failed-units'), 'no failed unit', 'none'),
  'no-waiting-job': (boot) =>
    boot.facts === undefined
      ? holds(false, 'no job of systemd still waits', 'the node did not report')
      : noneOf(factLines(boot, 'jobs'), 'no job of systemd still waits', 'none'),
  'system-running': (boot) => equals(fact(boot, 'system-state'), 'running'),
  'k3s-active': (boot) => equals(fact(boot, 'k3s-active'), 'active'),
  'host-name': (boot, node) => equals(fact(boot, 'hostname'), node.expect.hostname),
  'clock-after-lock': (boot, _node, epoch) => {
    const [seconds = '', source = 'unknown'] = fact(boot, 'clock').split(/\s+/)
    const at = Number(seconds)
    const iso = (value: number): string => new Date(value * 1000).toISOString()
    return holds(
      seconds !== '' && at >= epoch,
      `a clock at or after the lock, ${iso(epoch)}`,
      seconds === '' || !Number.isFinite(at) ? 'no clock reported' : `${iso(at)} from ${source}`,
    )
  },
  'clean-power-off': (boot) =>
    holds(
      boot.poweredOff,
      'the machine powers off when asked',
      boot.poweredOff ? 'it did' : 'it had to be killed',
    ),
}
