import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { EnvironmentFault } from '../../diagnostics/fault.ts'

const tryConnect = (path: string): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
    socket.once('error', () => {
      socket.destroy()
      resolve(undefined)
    })
  })

/** Connects to a unix socket that QEMU makes while it starts. */
export const connectWhenThere = async (
  path: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket> => {
  const until = performance.now() + timeoutMs
  for (;;) {
    const socket = await tryConnect(path)
    if (socket !== undefined) return socket
    if (performance.now() > until) {
      throw new EnvironmentFault(
        `QEMU did not open its socket ${path} within ${timeoutMs / 1000} s`,
        'Run the command again with --verbose and look at the messages of QEMU.',
      )
    }
    await sleep(50, undefined, { signal })
  }
}
