import type { Socket } from 'node:net'

/** QEMU's monitor: the few commands a proof needs. */
export interface Monitor {
  /** `undefined` when QEMU is gone. */
  readonly execute: (command: string, args?: Readonly<Record<string, unknown>>) => Promise<unknown>
  readonly human: (line: string) => Promise<string>
  readonly close: () => void
}

/** What QEMU tells unasked: `STOP`, `BLOCK_IO_ERROR`; `data` as its QMP reference says. */
export interface MonitorEvent {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
}

interface Reply {
  readonly return?: unknown
  readonly error?: { readonly desc?: string }
}

interface Message extends Reply {
  readonly event?: string
  readonly data?: MonitorEvent['data']
}

/** QMP speaks JSON lines: a greeting, then one reply to each command, with events in between. */
export const openMonitor = async (
  socket: Socket,
  onEvent: (event: MonitorEvent) => void = () => undefined,
): Promise<Monitor> => {
  const waiting: ((reply: Reply | undefined) => void)[] = []
  let rest = ''
  let closed = false
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    rest += chunk
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.trim() === '') continue
      const message = JSON.parse(line) as Message
      if ('return' in message || 'error' in message) waiting.shift()?.(message)
      else if (message.event !== undefined) onEvent({ name: message.event, data: message.data ?? {} })
    }
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    closed = true
    for (const resolve of waiting.splice(0)) resolve(undefined)
  })
  const execute: Monitor['execute'] = async (command, args) => {
    if (closed) return undefined
    const reply = await new Promise<Reply | undefined>((resolve) => {
      waiting.push(resolve)
      socket.write(
        `${JSON.stringify({ execute: command, ...(args === undefined ? {} : { arguments: args }) })}\n`,
      )
    })
    if (reply?.error !== undefined)
      throw new Error(`QEMU refuses ${command}: ${reply.error.desc ?? 'no reason'}`)
    return reply?.return
  }
  await execute('qmp_capabilities')
  return {
    execute,
    human: async (line) => String((await execute('human-monitor-command', { 'command-line': line })) ?? ''),
    close: () => socket.destroy(),
  }
}
