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

export const macOf = (text: string): Buffer => Buffer.from(text.replaceAll(':', ''), 'hex')

/** Where a frame goes: to everybody (broadcast and multicast), to the machine that has its address, else to the router. */
export const destinationOf = (frame: Buffer, machines: readonly Buffer[]): 'all' | 'router' | number => {
  if (frame.length < 14) return 'router'
  if ((frame.readUInt8(0) & 1) === 1) return 'all'
  const at = machines.findIndex((mac) => frame.subarray(0, 6).equals(mac))
  return at === -1 ? 'router' : at
}
