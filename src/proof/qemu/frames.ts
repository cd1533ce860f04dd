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

/** A frame as the stream carries it. */
export const withLength = (frame: Buffer): Buffer => {
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32BE(frame.length)
  return Buffer.concat([length, frame])
}

/** A hardware address as a key; `at`: where it begins in a frame. */
const addressAt = (frame: Buffer, at: number): string => frame.toString('hex', at, at + 6)
const headerBytes = 14

export interface AddressTable {
  /** The machine at port `at` has sent this frame, and is reached by the address that it sent it from. */
  readonly learn: (frame: Buffer, at: number) => void
  /** Where a frame goes: to everybody (broadcast and multicast), to the machine that has its address, else to the router. */
  readonly destinationOf: (frame: Buffer) => 'all' | 'router' | number
}

/**
 * Who is at which port, as a switch knows it: at first the address of each machine's network card, then all that a machine
 * sends from. A network card on USB may get another address than QEMU gave it: Linux has several drivers for it (cdc_ether,
 * cdc_subset, rndis_host), of which the first to be loaded takes it, and cdc_subset makes an address up.
 */
export const createAddressTable = (machines: readonly string[]): AddressTable => {
  const ports = new Map(machines.map((mac, at) => [mac.replaceAll(':', '').toLowerCase(), at]))
  return {
    learn: (frame, at) => {
      if (frame.length >= headerBytes) ports.set(addressAt(frame, 6), at)
    },
    destinationOf: (frame) => {
      if (frame.length < headerBytes) return 'router'
      if ((frame.readUInt8(0) & 1) === 1) return 'all'
      return ports.get(addressAt(frame, 0)) ?? 'router'
    },
  }
}
