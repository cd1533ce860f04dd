import { Cancelled } from '../../diagnostics/fault.ts'
import type { Host } from '../../host/host.ts'
import { connectWhenThere } from '../channel/connect.ts'
import type { Monitor, MonitorEvent } from '../channel/qmp.ts'
import { openMonitor } from '../channel/qmp.ts'

/** A QEMU process in the background. It ends with this program, whatever ends it. */
export interface RunningQemu {
  readonly monitor: Monitor
  /** Aborted when the process has ended, for whatever reason. */
  readonly ended: AbortSignal
  /** Why it ended, when that was a fault of QEMU; undefined while it runs or after a regular end. */
  readonly fault: () => unknown
  /** Ends it now: through the monitor, else by a signal. */
  readonly stop: () => Promise<void>
}

const openTimeoutMs = 20_000
const quitTimeoutMs = 5_000

export const startQemu = async (
  host: Host,
  argv: readonly string[],
  monitorSocket: string,
  doing: string,
  on: {
    readonly event?: (event: MonitorEvent) => void
    /** A line that QEMU printed. */
    readonly line?: (line: string) => void
  } = {},
): Promise<RunningQemu> => {
  const kill = new AbortController()
  const ended = new AbortController()
  let fault: unknown
  const process = host
    .exec(argv, {
      signal: kill.signal,
      doing,
      ...(on.line === undefined ? {} : { onLine: on.line }),
    })
    .then(
      () => undefined,
      (error: unknown) => {
        // Ended by us: nothing to tell. Ctrl-C is told by whoever waits on host.signal.
        if (!(error instanceof Cancelled)) fault = error
      },
    )
    .finally(() => ended.abort())
  const undo = host.onExit(() => kill.abort())
  try {
    const socket = await connectWhenThere(
      monitorSocket,
      openTimeoutMs,
      AbortSignal.any([host.signal, ended.signal]),
    )
    const monitor = await openMonitor(socket, on.event)
    return {
      monitor,
      ended: ended.signal,
      fault: () => fault,
      stop: async () => {
        const timer = setTimeout(() => kill.abort(), quitTimeoutMs)
        // Quitting writes out what the guest has flushed; the reply may be cut off by the end itself.
        if (!ended.signal.aborted) await monitor.execute('quit').catch(() => kill.abort())
        await process
        clearTimeout(timer)
        monitor.close()
        await undo()
      },
    }
  } catch (error) {
    kill.abort()
    await process
    await undo()
    if (host.signal.aborted) throw new Cancelled('cancelled')
    throw fault ?? error
  }
}
