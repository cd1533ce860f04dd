import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import type { SecretPrompt } from './ask-passphrase.ts'
import { askAt } from './ask-passphrase.ts'

/** A terminal at which somebody types the chunks, one each time that it is listened to. */
const terminal = (chunks: readonly string[]) => {
  const input = new EventEmitter()
  const left = [...chunks]
  const modes: boolean[] = []
  let shown = ''
  const prompt = {
    input: Object.assign(input, {
      setRawMode: (mode: boolean) => modes.push(mode),
      resume: () => {
        const next = left.shift()
        if (next !== undefined) setImmediate(() => input.emit('data', new TextEncoder().encode(next)))
      },
      pause: () => undefined,
    }),
    output: { write: (text: string) => (shown += text) },
  }
  return { prompt: prompt as unknown as SecretPrompt, modes, shown: () => shown }
}

const never = new AbortController().signal

const typed = async (chunks: readonly string[], twice: boolean): Promise<string> => {
  const { prompt } = terminal(chunks)
  return new TextDecoder().decode((await askAt(prompt)('passphrase', { twice, signal: never })).reveal())
}

test.each([
  ['one line', ['seven loaves\r'], false, 'seven loaves'],
  ['letters erased', ['sevenn\u007f loaves\n'], false, 'seven loaves'],
  ['a line begun anew', ['wrong\u0015right\r'], false, 'right'],
  ['letters of several bytes', ['sieben Brötchen 🍞\r'], false, 'sieben Brötchen 🍞'],
  ['twice', ['seven\r', 'seven\r'], true, 'seven'],
  ['twice in one paste', ['seven\rseven\r'], true, 'seven'],
  ['twice after a mistake', ['seven\r', 'eight\r', 'nine\r', 'nine\r'], true, 'nine'],
  ['an empty line first', ['\r', 'seven\r'], false, 'seven'],
])('%s', async (_, chunks, twice, text) => {
  expect(await typed(chunks, twice)).toBe(text)
})

test('what is typed is never shown, and the terminal is given back as it was', async () => {
  const { prompt, modes, shown } = terminal(['seven loaves\r'])
  await askAt(prompt)('passphrase', { twice: false, signal: never })
  expect(shown()).toBe('passphrase: \n')
  expect(modes).toEqual([true, false])
})

test('Ctrl-C and three empty lines end the run', async () => {
  await expect(typed(['sev\u0003'], false)).rejects.toMatchObject({ name: 'Cancelled' })
  await expect(typed(['\r', '\r', '\r'], false)).rejects.toThrow('no passphrase was given')
})

test('a signal ends the question, and a terminal that is gone', async () => {
  const stop = new AbortController()
  const { prompt, modes } = terminal([])
  const asked = askAt(prompt)('passphrase', { twice: false, signal: stop.signal })
  stop.abort()
  await expect(asked).rejects.toMatchObject({ name: 'Cancelled' })
  expect(modes).toEqual([true, false])
  const gone = askAt(prompt)('passphrase', { twice: false, signal: never })
  ;(prompt.input as unknown as EventEmitter).emit('end')
  await expect(gone).rejects.toMatchObject({ name: 'Cancelled' })
})
