import { expect, test } from 'vitest'
import type { EnvironmentFault, StepFault } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import type { MonitorEvent } from '../channel/qmp.ts'
import { createFaultWatch, diskFault, diskFaultOf, diskFaultOfLine } from './fault-watch.ts'

const spec = { node: 'bakery-1', disk: '/out/test/bakery-1/disk.qcow2' }
const host = { files: { stat: async () => ({ sizeBytes: 3 * 1024 ** 2 }) } } as unknown as Host

const watch = (state?: string) =>
  createFaultWatch(host, spec, ['qemu-system-aarch64', '-name', 'bakery 1'], async () => state)

/** As QEMU 7.2 and 10.0 send it. */
const blockError: MonitorEvent = {
  name: 'BLOCK_IO_ERROR',
  data: {
    device: 'disk0',
    nospace: true,
    'node-name': '#block556',
    reason: 'No space left on device',
    operation: 'write',
    action: 'stop',
  },
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

test('an error of the disk that pauses the machine', () => {
  expect(diskFaultOf(blockError)).toEqual({ operation: 'write', reason: 'No space left on device' })
  const read = { ...blockError, data: { action: 'stop', operation: 'read' } }
  expect(diskFaultOf(read)).toEqual({ operation: 'read', reason: null })
})

test.each([
  ['one that the guest was told of', { ...blockError, data: { ...blockError.data, action: 'report' } }],
  ['another event', { name: 'RTC_CHANGE', data: { action: 'stop' } }],
])('%s is none', (_, event) => {
  expect(diskFaultOf(event)).toBeUndefined()
})

test.each([
  ['sd_blk_write: write error on host side', 'write'],
  ['sd_blk_read: read error on host side', 'read'],
  ['qemu-system-aarch64: terminating on signal 15', undefined],
])('an SD card: %s', (line, operation) => {
  expect(diskFaultOfLine(line)?.operation).toBe(operation)
})

test('a full disk is told with the folder that needs room', () => {
  const { message, help } = diskFault(spec, { operation: 'write', reason: 'No space left on device' }, 2048)
  expect({ message, help }).toEqual({
    message:
      "the disk of bakery-1's machine cannot be written: No space left on device; the node is not to blame",
    help: 'make room in /out/test/bakery-1 (it had grown to 2.0 KiB, and has been removed), then run the command again',
  })
})

test('the first fault of the host is the one that is told', async () => {
  const faults = watch('io-error')
  faults.onEvent(blockError)
  faults.onEvent({ name: 'STOP', data: {} })
  faults.onLine('sd_blk_read: read error on host side')
  await settled()
  const { message, help } = faults.failed.reason as EnvironmentFault
  expect(message).toContain('cannot be written: No space left on device')
  expect(help).toContain('3.0 MiB')
})

test('an SD card that cannot be written', async () => {
  const faults = watch()
  faults.onLine('sd_blk_write: write error on host side')
  await settled()
  expect((faults.failed.reason as EnvironmentFault).message).toContain(
    'cannot be written: an error of this host',
  )
})

test.each(['internal-error', 'paused'])(
  'a machine in the state %s is told with what replays it',
  async (state) => {
    const faults = watch(state)
    faults.onLine('KVM internal error. Suberror: 1')
    faults.onEvent({ name: 'STOP', data: {} })
    await settled()
    const { message, replay, lastLines } = faults.failed.reason as StepFault
    expect(message).toContain(`the machine of bakery-1 in its state \`${state}\``)
    expect(replay).toBe("qemu-system-aarch64 -name 'bakery 1'")
    expect(lastLines).toEqual(['KVM internal error. Suberror: 1'])
  },
)

test.each([
  ['goes on already', 'running'],
  ['has lost its QEMU', undefined],
])('a machine that %s has not failed', async (_, state) => {
  const faults = watch(state)
  faults.onEvent({ name: 'STOP', data: {} })
  await settled()
  expect(faults.failed.aborted).toBe(false)
  expect(faults.guestDied()).toBe(false)
})

test.each([
  ['its event', 'running', { name: 'GUEST_PANICKED', data: { action: 'pause' } }],
  ['its state', 'guest-panicked', { name: 'STOP', data: {} }],
])('a guest whose kernel died, by %s, is no fault of the host', async (_, state, event) => {
  const faults = watch(state)
  faults.onEvent(event)
  await settled()
  expect(faults.guestDied()).toBe(true)
  expect(faults.failed.aborted).toBe(false)
})

test('a QEMU that ends by a fault', () => {
  const faults = watch()
  const fault = new Error('qemu-system-aarch64 was ended by SIGKILL after 80 s')
  faults.end(fault)
  expect(faults.failed.reason).toBe(fault)
})
