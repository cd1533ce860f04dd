import { expect, test } from 'vitest'
import { sampleNode, sampleProfile } from './testing.ts'
import { planWatchdog } from './watchdog.ts'

const profile = sampleProfile()
const filesFor = (watchdog: Parameters<typeof planWatchdog>[1]['watchdog']) =>
  planWatchdog(profile, { ...sampleNode(profile, 'bakery-1'), watchdog }, { kind: 'starts' }).map(
    ({ target, content }) => [target, content.kind === 'text' ? content.text : ''],
  )

test('systemd is told the time, the kernel the module; a restart is bounded, too', () => {
  expect(filesFor({ seconds: 30, module: 'bcm2835_wdt' })).toEqual([
    [
      '/etc/systemd/system.conf.d/20-watchdog.conf',
      '[Manager]\nRuntimeWatchdogSec=30s\nRebootWatchdogSec=124s\n',
    ],
    ['/etc/modules-load.d/20-watchdog.conf', 'bcm2835_wdt\n'],
  ])
  expect(filesFor({ seconds: 60, module: null })).toEqual([
    [
      '/etc/systemd/system.conf.d/20-watchdog.conf',
      '[Manager]\nRuntimeWatchdogSec=60s\nRebootWatchdogSec=120s\n',
    ],
  ])
  expect(filesFor(null)).toEqual([])
})
