import { dirname } from 'node:path'
import { EnvironmentFault, StepFault } from '../../diagnostics/fault.ts'
import { humanSize } from '../../diagnostics/text-table.ts'
import type { Host } from '../../host/host.ts'
import { replayLine } from '../../host/shell-quote.ts'
import type { MonitorEvent } from '../channel/qmp.ts'
import type { MachineSpec } from './machine-spec.ts'

/**
 * Tells a fault of this host from one of the guest. QEMU pauses a machine without a word when it cannot go on: its disk is
 * full, a file below it cannot be read, KVM gives up. To the proof such a guest is one that is silent.
 */
export interface FaultWatch {
  readonly onEvent: (event: MonitorEvent) => void
  /** A line that QEMU printed. */
  readonly onLine: (line: string) => void
  /** Aborted when this host has failed the machine; its reason is the fault to throw. */
  readonly failed: AbortSignal
  /** The process has ended by a fault. */
  readonly end: (fault: unknown) => void
  /** True when the guest has told QEMU that its kernel died. */
  readonly guestDied: () => boolean
}

/** A read or write of the disk that failed on this host. */
export interface DiskFault {
  readonly operation: 'read' | 'write'
  /** In the words of this host; null where QEMU did not say. */
  readonly reason: string | null
}

/** Of an event of a machine that QEMU pauses for it (`werror`, `rerror`); undefined: another event. */
export const diskFaultOf = ({ name, data }: MonitorEvent): DiskFault | undefined =>
  name === 'BLOCK_IO_ERROR' && data['action'] === 'stop'
    ? {
        operation: data['operation'] === 'read' ? 'read' : 'write',
        reason: typeof data['reason'] === 'string' ? data['reason'] : null,
      }
    : undefined

/** SD cards know no `werror`: QEMU drops what cannot be written, and only prints so (sd_blk_write of hw/sd/sd.c). */
export const diskFaultOfLine = (line: string): DiskFault | undefined => {
  const [, operation] = /\bsd_blk_(read|write): (?:read|write) error on host side/.exec(line) ?? []
  return operation === undefined
    ? undefined
    : { operation: operation === 'read' ? 'read' : 'write', reason: null }
}

/** The fault to throw. `diskFileBytes`: what the disk takes on this host; its file is gone when the user reads this. */
export const diskFault = (
  { node, disk }: Pick<MachineSpec, 'node' | 'disk'>,
  { operation, reason }: DiskFault,
  diskFileBytes: number,
): EnvironmentFault => {
  const verb = operation === 'read' ? 'read' : 'written'
  const grown = `it had grown to ${humanSize(diskFileBytes)}`
  return new EnvironmentFault(
    `the disk of ${node}'s machine cannot be ${verb}: ${reason ?? 'an error of this host'}; the node is not to blame`,
    operation === 'write'
      ? `make room in ${dirname(disk)} (${grown}, and has been removed), then run the command again`
      : `QEMU reads ${disk} and the image below it: see with \`dmesg\` whether the disk that holds them fails, then run the command again`,
  )
}

/** What QEMU paused for another reason than its disk (`RunState` of its monitor). */
const stopFault = (
  node: string,
  state: string,
  argv: readonly string[],
  lastLines: readonly string[],
): StepFault =>
  new StepFault(`QEMU stopped the machine of ${node} in its state \`${state}\`; the node is not to blame`, {
    replay: replayLine(argv),
    lastLines,
    help:
      state === 'internal-error'
        ? 'QEMU or KVM cannot run this guest here: try --accel tcg, or another version of QEMU'
        : 'run the command again, and let nobody else speak to the monitor of this machine',
  })

/** Lines of QEMU's that a fault carries. */
const lastLineCount = 20

/** `runState` asks QEMU's `query-status`; undefined when it is gone. */
export const createFaultWatch = (
  host: Pick<Host, 'files'>,
  spec: Pick<MachineSpec, 'node' | 'disk'>,
  argv: readonly string[],
  runState: () => Promise<string | undefined>,
): FaultWatch => {
  const failed = new AbortController()
  const lastLines: string[] = []
  let guestDied = false
  const failDisk = async (fault: DiskFault): Promise<void> => {
    const stat = await host.files.stat(spec.disk).catch(() => undefined)
    failed.abort(diskFault(spec, fault, stat?.sizeBytes ?? 0))
  }
  const onStop = async (): Promise<void> => {
    const state = await runState()
    // QEMU is gone, or goes on already.
    if (state === undefined || state === 'running') return
    if (state === 'guest-panicked') guestDied = true
    // `io-error` has been told by an event of its own, which knows more.
    else if (state !== 'io-error') failed.abort(stopFault(spec.node, state, argv, lastLines))
  }
  return {
    onEvent: (event) => {
      const fault = diskFaultOf(event)
      if (fault !== undefined) void failDisk(fault)
      else if (event.name === 'STOP') void onStop().catch((error: unknown) => failed.abort(error))
      else if (event.name === 'GUEST_PANICKED') guestDied = true
    },
    onLine: (line) => {
      lastLines.push(line)
      if (lastLines.length > lastLineCount) lastLines.shift()
      const fault = diskFaultOfLine(line)
      if (fault !== undefined) void failDisk(fault)
    },
    failed: failed.signal,
    end: (fault) => failed.abort(fault),
    guestDied: () => guestDied,
  }
}
