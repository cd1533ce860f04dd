import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { connectWhenThere } from '../channel/connect.ts'
import { createAddressTable, createFrameReader, withLength } from './frames.ts'

export interface FrameSwitch {
  readonly close: () => Promise<void>
}

export interface SwitchOptions {
  /** Unix socket of the router's side. */
  readonly routerSocket: string
  /** Unix sockets to listen on, and the address of the machine that comes there. */
  readonly machines: readonly { readonly socket: string; readonly mac: string }[]
  /** May change what the router says. */
  readonly fromRouter: (frame: Buffer) => Buffer
  /** An answer in the router's place, which then never sees the frame. */
  readonly inRoutersPlace: (frame: Buffer) => Buffer | undefined
  readonly signal: AbortSignal
}

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })

/**
 * Joins machines and router to one network. A hub would not do: QEMU's router looks at IP alone and answers connections
 * between two machines with a reset when it overhears them. Machines come and go; the network stays.
 */
export const openFrameSwitch = async (options: SwitchOptions): Promise<FrameSwitch> => {
  const addresses = createAddressTable(options.machines.map(({ mac }) => mac))
  const present = new Map<number, Socket>()
  const router = await connectWhenThere(options.routerSocket, 10_000, options.signal)

  const toMachine = (at: number, frame: Buffer): void => {
    present.get(at)?.write(withLength(frame))
  }
  const pass = (frame: Buffer, from: number | 'router'): void => {
    if (from !== 'router') addresses.learn(frame, from)
    const to = addresses.destinationOf(frame)
    if (to === 'all') for (const at of present.keys()) if (at !== from) toMachine(at, frame)
    if (typeof to === 'number') toMachine(to, frame)
    if (from === 'router' || typeof to === 'number') return
    const answer = options.inRoutersPlace(frame)
    if (answer === undefined) router.write(withLength(frame))
    else toMachine(from, answer)
  }
  router.on('error', () => undefined)
  router.on(
    'data',
    createFrameReader((frame) => pass(options.fromRouter(frame), 'router')),
  )
  const servers: Server[] = []
  for (const [at, { socket: path }] of options.machines.entries()) {
    const server = createServer((socket) => {
      present.set(at, socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        if (present.get(at) === socket) present.delete(at)
      })
      socket.on(
        'data',
        createFrameReader((frame) => pass(frame, at)),
      )
    })
    await listen(server, path)
    servers.push(server)
  }
  return {
    close: async () => {
      router.destroy()
      for (const socket of present.values()) socket.destroy()
      for (const server of servers) await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
