import type { ReadStream } from 'node:tty'
import { Cancelled } from '../diagnostics/fault.ts'
import { Secret } from '../materialise/secrets.ts'
import type { AskSecret } from '../materialise/state/state-keys.ts'

/** Where a secret is typed: the terminal's input, and the stream that shows the question. */
export interface SecretPrompt {
  readonly input: Pick<ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>
  readonly output: { readonly write: (text: string) => unknown }
}

const ends = new Set(['\r', '\n', '\u0004'])
const erases = new Set(['\u007f', '\b'])
const interrupt = '\u0003'
const eraseLine = '\u0015'

/**
 * One line without echo, of what was typed ahead and what comes. Ctrl-C ends the run, as a signal or a terminal that is gone
 * does; Ctrl-U begins the line anew.
 */
const readLine = (
  { input, output }: SecretPrompt,
  question: string,
  ahead: string[],
  signal: AbortSignal,
): Promise<string> =>
  new Promise((resolve, reject) => {
    const typed: string[] = []
    const decoder = new TextDecoder()
    const finish = (end: () => void): void => {
      input.off('data', take)
      input.off('end', cancel)
      input.off('error', cancel)
      signal.removeEventListener('abort', cancel)
      input.setRawMode(false)
      input.pause()
      output.write('\n')
      end()
    }
    const cancel = (): void => finish(() => reject(new Cancelled('interrupted')))
    const work = (): void => {
      for (let letter = ahead.shift(); letter !== undefined; letter = ahead.shift()) {
        if (ends.has(letter)) {
          finish(() => resolve(typed.join('')))
          return
        }
        if (letter === interrupt) {
          cancel()
          return
        }
        if (letter === eraseLine) typed.length = 0
        else if (erases.has(letter)) typed.pop()
        else if (letter >= ' ') typed.push(letter)
      }
    }
    const take = (chunk: Uint8Array): void => {
      ahead.push(...decoder.decode(chunk, { stream: true }))
      work()
    }
    if (signal.aborted) throw new Cancelled('interrupted')
    output.write(`${question}: `)
    input.setRawMode(true)
    input.on('data', take)
    input.on('end', cancel)
    input.on('error', cancel)
    signal.addEventListener('abort', cancel)
    input.resume()
    work()
  })

/** How often somebody may mistype before the run ends. */
const tries = 3

/** Asks at a terminal; a new secret is typed twice. An empty line is asked again. */
export const askAt =
  (prompt: SecretPrompt): AskSecret =>
  async (question, { twice, signal }) => {
    const ahead: string[] = []
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const first = await readLine(prompt, question, ahead, signal)
      if (first === '') continue
      if (!twice || (await readLine(prompt, 'once more', ahead, signal)) === first) return new Secret(first)
      prompt.output.write('the two differ\n')
    }
    throw new Cancelled('no passphrase was given')
  }
