import { keptSeconds } from '../resolve/watchdog.ts'
import type { InstallEntry } from './build-plan.ts'
import type { SeedPart } from './seed-files.ts'

/** Seconds; systemd's own ten minutes are long for a machine that nobody can reach. */
const rebootSeconds = 120

/**
 * systemd gives the sign of life itself (systemd-system.conf(5)). A restart that hangs at its end is ended by the watchdog,
 * too, after two minutes instead of ten.
 */
export const planWatchdog: SeedPart = (_profile, { watchdog }) => {
  if (watchdog === null) return []
  const text = (target: string, content: string): InstallEntry => ({
    target,
    mode: 0o644,
    content: { kind: 'text', text: content },
  })
  return [
    text(
      '/etc/systemd/system.conf.d/20-watchdog.conf',
      `[Manager]\nRuntimeWatchdogSec=${watchdog.seconds}s\nRebootWatchdogSec=${keptSeconds(rebootSeconds, watchdog.module)}s\n`,
    ),
    ...(watchdog.module === null
      ? []
      : [text('/etc/modules-load.d/20-watchdog.conf', `${watchdog.module}\n`)]),
  ]
}
