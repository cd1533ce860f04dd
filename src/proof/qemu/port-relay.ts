import type { Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** QEMU's `stream` network devices put the length of each frame before it, 4 bytes, big-endian. */
const lengthBytes = 4

/** Splits a stream into frames, however it was cut. */
export const createFrameReader = (onFrame: (frame: Buffer) => void): ((chunk: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= lengthBytes) {
      const end = lengthBytes + rest.readUInt32BE(0)
      if (rest.length < end) return
      onFrame(rest.subarray(lengthBytes, end))
      rest = rest.subarray(end)
    }
  }
}

const withLength = (frame: Buffer): Buffer => {
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32BE(frame.length)
  return Buffer.concat([length, frame])
}

export interface PortRelay {
  readonly close: () => Promise<void>
}

/**
 * Stands between a machine and its port of the virtual network, and may change what comes from the network. Each start of
 * the machine gets a connection of its own, so that one which was killed in the middle of a frame leaves nothing behind.
 */
export const openPortRelay = async (
  machineSocket: string,
  networkSocket: string,
  change: (frame: Buffer) => Buffer,
): Promise<PortRelay> => {
  const open = new Set<Socket>()
  const server: Server = createServer((machine) => {
    const network = connect(networkSocket)
    for (const socket of [machine, network]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        open.delete(socket)
        machine.destroy()
        network.destroy()
      })
    }
    machine.pipe(network)
    network.on(
      'data',
      createFrameReader((frame) => {
        machine.write(withLength(change(frame)))
      }),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(machineSocket, resolve)
  })
  return {
    close: async () => {
      for (const socket of open) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
