import { open, readFile } from 'node:fs/promises'
import type { Host } from '../../src/host/host.ts'
import { findPartition } from '../../src/proof/qemu/image-kernel.ts'

const windowBytes = 8 * 1024 * 1024
const needleBytes = 256

/** Where a file's content lies inside a partition: the payload keeps archives as they are, in one piece. */
const findContent = async (
  file: Awaited<ReturnType<typeof open>>,
  needle: Buffer,
  start: number,
  end: number,
): Promise<number> => {
  const window = Buffer.alloc(windowBytes + needle.length)
  for (let at = start; at < end; at += windowBytes) {
    const { bytesRead } = await file.read(window, 0, Math.min(window.length, end - at), at)
    const found = window.subarray(0, bytesRead).indexOf(needle)
    if (found !== -1) return at + found
  }
  throw new Error('the archive is not in the payload of the image')
}

/** Inverts one byte in the middle of an archive inside an image, as a bad card would. */
export const flipByte = async (host: Host, image: string, archive: string): Promise<void> => {
  const content = await readFile(archive)
  const middle = Math.floor(content.length / 2)
  const needle = content.subarray(middle, middle + needleBytes)
  const { startBytes, sizeBytes } = await findPartition(host, image, 'payload')
  const file = await open(image, 'r+')
  try {
    const at = await findContent(file, needle, startBytes, startBytes + sizeBytes)
    const byte = Buffer.alloc(1)
    await file.read(byte, 0, 1, at)
    await file.write(Buffer.from([byte.readUInt8(0) ^ 0xff]), 0, 1, at)
    await file.sync()
  } finally {
    await file.close()
  }
}
