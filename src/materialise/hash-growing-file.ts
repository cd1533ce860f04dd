import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Host } from '../host/host.ts'

const chunkBytes = 1024 * 1024

/** Milliseconds until the writer is looked at again. */
const pauseMs = 10

/**
 * sha256 of a file that a program is writing from its start to its end: what it has written is read while it is in memory
 * still, and the other processor hashes. Bytes that are written twice make the result wrong.
 */
export const hashGrowingFile = async (
  host: Host,
  path: string,
  writer: Promise<unknown>,
  progress: (bytes: number) => void = () => undefined,
): Promise<string> => {
  let isWritten = false
  const ended = writer.then(
    () => {
      isWritten = true
    },
    () => {
      isWritten = true
    },
  )
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(chunkBytes)
  const file = await host.files.open(path, 'read')
  try {
    for (let position = 0; ; ) {
      const wasWritten = isWritten
      const read = await file.read(buffer, position)
      hash.update(buffer.subarray(0, read))
      position += read
      if (read > 0) progress(position)
      else if (wasWritten) return hash.digest('hex')
      else await Promise.race([ended, sleep(pauseMs)])
    }
  } finally {
    await file.close()
  }
}
