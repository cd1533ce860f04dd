import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** A text and no file, so that it is the same from the source as from dist/. */
const program = `
const { parentPort } = require('node:worker_threads')
const hash = require('node:crypto').createHash('sha256')
parentPort.on('message', (bytes) => {
  if (bytes === null) return parentPort.postMessage(hash.digest('hex'))
  hash.update(bytes)
  parentPort.postMessage(null)
})
`

/**
 * sha256 (hex) of what `work` hands over, made in a thread of its own while the caller does something else with the same bytes.
 * `update` resolves when it has read them: they may be overwritten then, and not before. It takes one piece at a time. Bytes in
 * shared memory (SharedArrayBuffer) are not copied.
 */
export const sha256InThread = async (
  work: (update: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<string> => {
  const thread = new Worker(program, { eval: true })
  const ask = async (bytes: Uint8Array | null): Promise<unknown> => {
    const answer = once(thread, 'message')
    thread.postMessage(bytes)
    const [message] = await answer
    return message
  }
  try {
    await work(async (bytes) => {
      await ask(bytes)
    })
    return String(await ask(null))
  } finally {
    await thread.terminate()
  }
}
