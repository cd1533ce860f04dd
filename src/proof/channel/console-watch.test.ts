import { expect, test } from 'vitest'
import { createConsoleWatch } from './console-watch.ts'

test('finds phases and panics between colours, firmware noise and cut lines', () => {
  const watch = createConsoleWatch(performance.now())
  for (const chunk of [
    '\u001b[2J\u001b[01;01HBdsDxe: starting Boot0001\r\n',
    '[    0.1] Linux version 6.12\r\nappliance: first start: making the data partition\nappliance: bakery-1: ver',
    'ifying the payload\r\n\u001b[0;32m  OK  \u001b[0m] Started\r\n',
    '[   12.3] appliance: bakery-1: k3s starts\r\n',
    '[   13.0] Kernel panic - not syncing: VFS\r\nhalf a line',
  ]) {
    watch.push(chunk)
  }
  expect(watch.phases().map(({ text }) => text)).toEqual([
    'the kernel starts',
    'first start: making the data partition',
    'verifying the payload',
    'k3s starts',
  ])
  expect(watch.panic()).toContain('not syncing: VFS')
  expect(watch.tail(3)).toEqual([
    '[   12.3] appliance: bakery-1: k3s starts',
    '[   13.0] Kernel panic - not syncing: VFS',
    'half a line',
  ])
})
