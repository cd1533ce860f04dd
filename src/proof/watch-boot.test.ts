import { expect, test } from 'vitest'
import type { Host } from '../host/host.ts'
import type { Facts } from './channel/report-protocol.ts'
import type { Kubeconfig } from './kubeconfig.ts'
import type { Machine } from './qemu/machine.ts'
import { healthyFacts, sampleNode } from './testing/sample.ts'
import type { Patience } from './watch-boot.ts'
import { patienceFor, patienceOf, watchBoot } from './watch-boot.ts'

const patience: Patience = {
  healthyMs: 300,
  settleMs: 200,
  deployMs: 0,
  answerMs: 50,
  powerOffMs: 50,
  pollMs: 5,
}

interface Guest {
  readonly answers?: readonly (Facts | undefined)[]
  readonly bootIds?: readonly string[]
  readonly panic?: string
  readonly ended?: boolean
  readonly guestDied?: boolean
  /** Aborted when the host of the machine fails it. */
  readonly failed?: AbortSignal
  /** Speeds the clock up, so that the guest is asked at each poll. */
  readonly clockFactor?: number
}

const machineOf = ({
  answers = [],
  bootIds = ['1'],
  panic,
  ended = false,
  guestDied = false,
  failed = new AbortController().signal,
  clockFactor = 1,
}: Guest): Machine => {
  const start = performance.now()
  let next = 0
  const endedController = new AbortController()
  if (ended) endedController.abort()
  return {
    spec: {} as Machine['spec'],
    sinceMs: () => (performance.now() - start) * clockFactor,
    console: { push: () => undefined, phases: () => [], panic: () => panic, tail: () => [] },
    report: {
      bootIds: () => bootIds,
      collect: async () => answers[Math.min(next++, answers.length - 1)],
      lastFacts: () => undefined,
      powerOff: () => undefined,
      close: () => undefined,
    },
    qemu: {
      monitor: {} as Machine['qemu']['monitor'],
      ended: endedController.signal,
      fault: () => undefined,
      stop: async () => undefined,
    },
    failed,
    guestDied: () => guestDied,
    usedMs: async () => 1000,
    usedAtExecMs: () => 500,
    powerOff: async () => true,
    setLink: async () => undefined,
  }
}

const host = { signal: new AbortController().signal } as Host
const facts = (changes: Record<string, string>): Facts =>
  new Map(Object.entries({ ...healthyFacts(1), ...changes }))

const watch = (guest: Guest, more: Partial<Patience> = {}, abandon?: () => string | undefined) =>
  watchBoot(host, machineOf(guest), sampleNode, 1, undefined, { ...patience, ...more }, abandon)

test('waits for k3s, then for systemd to end its start', async () => {
  const starting = facts({ 'k3s-active': 'activating' })
  const unsettled = facts({ 'system-state': 'starting', jobs: '12 x.service start running' })
  const answers = [undefined, starting, unsettled, unsettled, facts({})]
  const seen = await watch({ answers }, { healthyMs: 20_000, settleMs: 20_000 })
  expect(seen).toMatchObject({ gaveUp: null, bootIds: ['1'] })
  expect(seen.healthyMs).toBeGreaterThan(0)
  expect(seen.facts?.get('system-state')).toContain('running')
})

test('a server that does not answer its ping is not healthy', async () => {
  const seen = await watch({ answers: [facts({ ping: '' })] })
  expect(seen.gaveUp).toBe('the node was not healthy within 0.3 s')
  expect(seen.healthyMs).toBeNull()
})

test('settling is bounded, and what was seen then is judged', async () => {
  const seen = await watch({ answers: [facts({ 'system-state': 'starting' })] })
  expect(seen.gaveUp).toBeNull()
  expect(seen.facts?.get('system-state')).toBe('starting')
})

test.each([
  ['the node did not report within 0.3 s', { bootIds: [] }],
  ['the kernel died: Kernel panic - not syncing', { bootIds: [], panic: 'Kernel panic - not syncing' }],
  ['the kernel died', { bootIds: [], guestDied: true }],
  ['the machine ended by itself', { bootIds: [], ended: true }],
])('gives up: %s', async (reason, guest) => {
  expect((await watch(guest)).gaveUp).toBe(reason)
})

test.each([
  ['a node that has not reported', { bootIds: [] }],
  ['an answer that does not come', { answers: [facts({})] }],
])('a fault of this host ends the wait for %s at once, and is no verdict on the node', async (_, guest) => {
  const host = new AbortController()
  const machine = machineOf({ ...guest, failed: host.signal })
  const silent = {
    ...machine,
    report: { ...machine.report, collect: () => new Promise<undefined>(() => undefined) },
  }
  const fault = new Error('No space left on device')
  setTimeout(() => host.abort(fault), 20)
  const waiting = watchBoot(
    { signal: new AbortController().signal } as Host,
    silent,
    sampleNode,
    1,
    undefined,
    {
      ...patience,
      healthyMs: 60_000,
    },
  )
  await expect(waiting).rejects.toBe(fault)
  expect(machine.sinceMs()).toBeLessThan(10_000)
})

test('a refusal that stays the same ends the wait', async () => {
  const refused = facts({
    'k3s-active': 'activating',
    'status-json': JSON.stringify({ phase: 'failed', error: 'k3s-arm64 is damaged' }),
  })
  const seen = await watch({ answers: [refused], clockFactor: 1000 }, { healthyMs: 1_000_000 })
  expect(seen.gaveUp).toBe('k3s is not started: k3s-arm64 is damaged')
})

test('a guest whose answers take long is not kept busy with them', async () => {
  let asked = 0
  const machine = machineOf({})
  const slow: Machine = {
    ...machine,
    // A clock of which a millisecond is a minute: an answer takes some minutes, and three times as much is left between two.
    sinceMs: () => machine.sinceMs() * 60_000,
    report: {
      ...machine.report,
      collect: async () => {
        asked += 1
        await new Promise((resolve) => setTimeout(resolve, 30))
        return facts({})
      },
    },
  }
  const api = { kubeconfig: {} as Kubeconfig, localPort: async () => undefined }
  const longEnough = { ...patience, healthyMs: 60_000 * 600 }
  await watchBoot(host, slow, sampleNode, 1, api, longEnough)
  // 600 ms hold 20 answers end to end; one more is asked for at the end.
  expect(asked).toBeGreaterThan(1)
  expect(asked).toBeLessThan(8)
})

test('a machine that plays a board is given more time', () => {
  const usual = patienceFor({ accelerator: 'tcg', model: { machine: 'virt', cpu: 'max' } })
  const board = patienceFor({ accelerator: 'tcg', model: { machine: 'raspi3b', cpu: 'cortex-a53' } })
  expect(usual).toEqual(patienceOf.tcg)
  expect(board.healthyMs).toBe(2 * usual.healthyMs)
  expect(board.answerMs).toBe(2 * usual.answerMs)
})

test('a reason from elsewhere ends the wait', async () => {
  const seen = await watch({ bootIds: [] }, { healthyMs: 60_000 }, () => 'the first server failed')
  expect(seen.gaveUp).toBe('the first server failed')
})
