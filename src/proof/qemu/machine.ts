import { Cancelled } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import { connectWhenThere } from '../channel/connect.ts'
import type { ConsoleWatch, PhaseLine } from '../channel/console-watch.ts'
import { createConsoleWatch } from '../channel/console-watch.ts'
import type { ReportChannel } from '../channel/report-channel.ts'
import { openReportChannel } from '../channel/report-channel.ts'
import { createFaultWatch } from './fault-watch.ts'
import { machineArgv } from './machine-argv.ts'
import { lateDevices } from './machine-devices.ts'
import type { MachineSpec } from './machine-spec.ts'
import { processorTimeMs } from './processor-time.ts'
import type { RunningQemu } from './running-qemu.ts'
import { startQemu } from './running-qemu.ts'

/** One power-on of one virtual machine. */
export interface Machine {
  readonly spec: MachineSpec
  readonly console: ConsoleWatch
  readonly report: ReportChannel
  readonly qemu: RunningQemu
  /** Aborted when this host has failed the machine (full disk, QEMU's own end); its reason is the fault to throw. */
  readonly failed: AbortSignal
  /** True when the guest has told QEMU that its kernel died. */
  readonly guestDied: () => boolean
  /** Milliseconds since power-on. */
  readonly sinceMs: () => number
  /** Processor time of the guest so far, milliseconds. */
  readonly usedMs: () => Promise<number | undefined>
  /** The same at the moment when the launcher became k3s; undefined before. */
  readonly usedAtExecMs: () => number | undefined
  /** Asks the guest to end and waits; false when it had to be killed. Throws when this host fails the machine. */
  readonly powerOff: (timeoutMs: number) => Promise<boolean>
  /** Pulls the network cable, or puts it back. */
  readonly setLink: (up: boolean) => Promise<void>
}

const socketTimeoutMs = 10_000

/** Resolves true when the signal is aborted in time. */
const abortedWithin = (signal: AbortSignal, timeoutMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve(true)
    const timer = setTimeout(() => resolve(false), timeoutMs)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve(true)
      },
      { once: true },
    )
  })

export const powerOn = async (
  host: Host,
  spec: MachineSpec,
  options: { readonly link: boolean; readonly onPhase: (phase: PhaseLine) => void },
): Promise<Machine> => {
  // A socket file left by the boot before would be taken for the new one.
  for (const path of [spec.monitorSocket, spec.reportSocket, spec.consoleSocket])
    await host.files.remove(path)
  const argv = machineArgv(spec)
  const faults = createFaultWatch(host, spec, argv, async () => {
    const answer = (await qemu.monitor.execute('query-status')) as { readonly status?: string } | undefined
    return answer?.status
  })
  const qemu: RunningQemu = await startQemu(
    host,
    argv,
    spec.monitorSocket,
    `run the machine of ${spec.node}`,
    { event: faults.onEvent, line: faults.onLine },
  )
  qemu.ended.addEventListener('abort', () => {
    if (qemu.fault() !== undefined) faults.end(qemu.fault())
  })
  try {
    const consoleSocket = await connectWhenThere(spec.consoleSocket, socketTimeoutMs, host.signal)
    const report = openReportChannel(await connectWhenThere(spec.reportSocket, socketTimeoutMs, host.signal))
    const powerOnAt = performance.now()
    const usedMs = (): Promise<number | undefined> => processorTimeMs(host, qemu.monitor)
    let usedAtExecMs: number | undefined
    const onPhase = (phase: PhaseLine): void => {
      options.onPhase(phase)
      if (!phase.text.startsWith('starting k3s')) return
      void usedMs().then((used) => {
        usedAtExecMs ??= used
      })
    }
    let linkUp = options.link
    let late = lateDevices(spec)
    const applyLink = () => qemu.monitor.execute('set_link', { name: 'nic0', up: linkUp })
    const plug = async (devices: readonly Readonly<Record<string, unknown>>[]): Promise<void> => {
      for (const device of devices) await qemu.monitor.execute('device_add', device)
      if (!linkUp) await applyLink()
    }
    const onText = (line: string): void => {
      if (late?.when.test(line) !== true) return
      const { devices } = late
      late = undefined
      plug(devices).catch((error: unknown) => host.report.warn(`${spec.node}: ${String(error)}`))
    }
    const console = createConsoleWatch(powerOnAt, onPhase, onText)
    consoleSocket.setEncoding('utf8')
    consoleSocket.on('data', (chunk: string) => console.push(chunk))
    consoleSocket.on('error', () => undefined)
    const setLink: Machine['setLink'] = async (up) => {
      linkUp = up
      if (late === undefined) await applyLink()
    }
    if (!options.link) await setLink(false)
    await qemu.monitor.execute('cont')
    return {
      spec,
      console,
      report,
      qemu,
      failed: faults.failed,
      guestDied: faults.guestDied,
      sinceMs: () => performance.now() - powerOnAt,
      setLink,
      usedMs,
      usedAtExecMs: () => usedAtExecMs,
      powerOff: async (timeoutMs) => {
        report.powerOff()
        const clean = await abortedWithin(
          AbortSignal.any([qemu.ended, host.signal, faults.failed]),
          timeoutMs,
        )
        const byItself = clean && !host.signal.aborted && qemu.fault() === undefined
        await qemu.stop()
        report.close()
        consoleSocket.destroy()
        if (host.signal.aborted) throw new Cancelled('cancelled')
        faults.failed.throwIfAborted()
        return byItself
      },
    }
  } catch (error) {
    await qemu.stop()
    throw error
  }
}
