import { setTimeout as sleep } from 'node:timers/promises'
import { Cancelled } from '../diagnostics/fault.ts'
import type { Host } from '../host/host.ts'
import type { NodePlan } from '../plan/build-plan.ts'
import { askApi, askWorkloads } from './api-client.ts'
import type { Facts } from './channel/report-protocol.ts'
import { isDeployed } from './checks/workload-checks.ts'
import type { ApiEvidence, RunningEvidence, WorkloadEvidence } from './evidence.ts'
import { isReady } from './evidence.ts'
import type { Kubeconfig } from './kubeconfig.ts'
import { launcherStatus } from './launcher-status.ts'
import type { Machine } from './qemu/machine.ts'
import { playedBoard } from './qemu/machine-model.ts'
import type { MachineSpec } from './qemu/machine-spec.ts'

/** Bounds of every wait, milliseconds. */
export interface Patience {
  /** From power-on to a healthy node. */
  readonly healthyMs: number
  /** From a healthy node to the end of systemd's own start. */
  readonly settleMs: number
  /** From a healthy node until k3s has applied what it is to deploy: an object of a chart's own kind waits for the chart. */
  readonly deployMs: number
  /** One answer of the report service. */
  readonly answerMs: number
  readonly powerOffMs: number
  readonly pollMs: number
}

/** An emulated processor is some 20 times slower than the machine it runs on; k3s alone takes two minutes on one. */
export const patienceOf = {
  kvm: {
    healthyMs: 300_000,
    settleMs: 60_000,
    deployMs: 300_000,
    answerMs: 30_000,
    powerOffMs: 90_000,
    pollMs: 1000,
  },
  tcg: {
    healthyMs: 1_200_000,
    settleMs: 240_000,
    deployMs: 900_000,
    answerMs: 120_000,
    powerOffMs: 180_000,
    pollMs: 2000,
  },
} as const satisfies Record<'kvm' | 'tcg', Patience>

/** A machine that plays a board has a slow card and all else on USB: what takes others minutes takes it twice as long. */
const boardFactor = 2

export const patienceFor = ({ accelerator, model }: Pick<MachineSpec, 'accelerator' | 'model'>): Patience => {
  const usual = patienceOf[accelerator]
  if (playedBoard(model) === undefined) return usual
  return {
    healthyMs: boardFactor * usual.healthyMs,
    settleMs: boardFactor * usual.settleMs,
    deployMs: boardFactor * usual.deployMs,
    answerMs: boardFactor * usual.answerMs,
    powerOffMs: boardFactor * usual.powerOffMs,
    pollMs: usual.pollMs,
  }
}

/** The way to ask the API about this node; undefined where it cannot be reached from outside. */
export interface ApiAccess {
  readonly kubeconfig: Kubeconfig
  /** Local port of the forward to the first server; undefined as long as its address is unknown. */
  readonly localPort: () => Promise<number | undefined>
}

/** How often the guest itself is asked while it starts: each answer costs an emulated processor seconds. */
const factsEveryMs = 20_000
/** And never more of its time than one part in so many, where it takes minutes. */
const partOfItsTime = 4
/** The launcher tries again after a refusal; after this many sightings of the same one, it will not come right. */
const sameRefusals = 3

/** The part of watchBoot that waits, as if this host could not fail. */
const waitAndSee = async (
  host: Host,
  machine: Machine,
  node: NodePlan,
  boot: number,
  api: ApiAccess | undefined,
  patience: Patience,
  abandon: () => string | undefined,
): Promise<RunningEvidence> => {
  let facts: Facts | undefined
  let apiEvidence: ApiEvidence | undefined
  let answerTookMs = 0
  let answeredAtMs = Number.NEGATIVE_INFINITY
  let refusal = ''
  let refusals = 0

  const collect = async (): Promise<void> => {
    const askedAtMs = machine.sinceMs()
    const answer = await machine.report.collect(patience.answerMs)
    answeredAtMs = machine.sinceMs()
    answerTookMs = answeredAtMs - askedAtMs
    if (answer === undefined) return
    facts = answer
    const { phase, error } = launcherStatus(answer)
    const seen = phase === 'failed' ? (error ?? 'no reason given') : ''
    refusals = seen !== '' && seen === refusal ? refusals + 1 : 0
    refusal = seen
  }
  const ask = async (): Promise<void> => {
    const port = await api?.localPort()
    if (api !== undefined && port !== undefined) {
      apiEvidence = await askApi(api.kubeconfig, port, node.expect.hostname)
    }
  }
  const askDeployed = async (): Promise<WorkloadEvidence | undefined> => {
    const port = await api?.localPort()
    return api === undefined || port === undefined ? undefined : askWorkloads(api.kubeconfig, port)
  }
  const isHealthy = async (): Promise<boolean> => {
    if (api !== undefined) {
      await ask()
      if (!isReady(apiEvidence?.node, machine.report.bootIds().at(-1))) {
        const pauseMs = Math.max(factsEveryMs, (partOfItsTime - 1) * answerTookMs)
        if (machine.sinceMs() - answeredAtMs > pauseMs) await collect()
        return false
      }
    }
    await collect()
    return (
      facts?.get('k3s-active')?.trim() === 'active' &&
      (node.role === 'agent' || facts.get('ping')?.trim() === 'pong')
    )
  }
  const isOff = (): boolean => machine.qemu.ended.aborted
  const hopeless = (): string | undefined => {
    const panic = machine.console.panic()
    if (panic !== undefined) return `the kernel died: ${panic}`
    if (machine.guestDied()) return 'the kernel died'
    if (isOff()) return 'the machine ended by itself'
    if (refusals >= sameRefusals) return `k3s is not started: ${refusal}`
    if (machine.sinceMs() < patience.healthyMs) return abandon()
    const seconds = patience.healthyMs / 1000
    return machine.report.bootIds().length === 0
      ? `the node did not report within ${seconds} s`
      : `the node was not healthy within ${seconds} s`
  }
  const nap = async (): Promise<void> => {
    await sleep(patience.pollMs, undefined, { signal: host.signal }).catch(() => {
      throw new Cancelled('cancelled')
    })
  }

  let gaveUp: string | null = null
  let healthyMs: number | null = null
  let healthyUsedMs: number | null = null
  while (gaveUp === null && healthyMs === null) {
    const startedMs = machine.sinceMs()
    if (machine.report.bootIds().length > 0 && (await isHealthy())) {
      healthyMs = startedMs
      healthyUsedMs = (await machine.usedMs()) ?? null
    } else {
      gaveUp = hopeless() ?? null
      if (gaveUp === null) await nap()
    }
  }
  const settleUntil = machine.sinceMs() + patience.settleMs
  const isSettled = (): boolean =>
    ['running', 'degraded'].includes(facts?.get('system-state')?.trim() ?? '') &&
    (facts?.get('jobs') ?? '').trim() === ''
  while (healthyMs !== null && !isOff() && !isSettled() && machine.sinceMs() < settleUntil) {
    await nap()
    await collect()
  }
  const deployUntil = machine.sinceMs() + patience.deployMs
  let workloads: WorkloadEvidence | undefined
  const asksForWorkloads = api !== undefined && node.expect.addOns.length > 0 && patience.deployMs > 0
  while (healthyMs !== null && asksForWorkloads) {
    workloads = await askDeployed()
    if (isOff() || isDeployed(node, workloads) || machine.sinceMs() > deployUntil) break
    await nap()
  }
  if (healthyMs === null && !isOff()) await collect()
  await ask()
  return {
    boot,
    facts,
    api: apiEvidence === undefined || workloads === undefined ? apiEvidence : { ...apiEvidence, workloads },
    bootIds: [...machine.report.bootIds()],
    phases: [...machine.console.phases()],
    healthyMs,
    healthyUsedMs,
    execUsedMs: machine.usedAtExecMs() ?? null,
    gaveUp,
  }
}

/**
 * Waits until the node is healthy and settled, or until there is no hope. Does not power it off. Throws at once when this host
 * fails the machine, which says nothing about the node; what still waits then ends with the machine.
 */
export const watchBoot = async (
  host: Host,
  machine: Machine,
  node: NodePlan,
  boot: number,
  api: ApiAccess | undefined,
  patience: Patience,
  /** A reason from elsewhere to give up, such as a first server that will never serve. */
  abandon: () => string | undefined = () => undefined,
): Promise<RunningEvidence> => {
  const { failed } = machine
  failed.throwIfAborted()
  let onFailed: () => void = () => undefined
  const failure = new Promise<never>((_, reject) => {
    onFailed = () => reject(failed.reason)
    failed.addEventListener('abort', onFailed)
  })
  try {
    return await Promise.race([failure, waitAndSee(host, machine, node, boot, api, patience, abandon)])
  } finally {
    failed.removeEventListener('abort', onFailed)
  }
}
