import { posix } from 'node:path'
import type { SimpleCommand } from './shell-words.ts'
import { programOf } from './shell-words.ts'

/** What a command writes to a file, where both are in its own words. */
export interface WrittenText {
  /** Absolute and normal. */
  readonly path: string
  readonly text: string
}

const lines = (text: string): string => text.replaceAll('\\n', '\n')

/** What a command says by itself: the words of echo and printf; undefined for any other one. */
const spokenBy = ({ words: [first = '', ...args] }: SimpleCommand): string | undefined => {
  const program = programOf(first)
  if (program === 'echo')
    return lines(args.slice(args.findIndex((word) => !/^-[neE]+$/.test(word))).join(' '))
  const [format = '', ...values] = args
  if (program !== 'printf') return undefined
  return lines(format.includes('%s') ? values.join('\n') : format)
}

/** What a command is given to read, where that is written there: a here-document, or what is piped to it. */
export const textRead = ({ document, from }: SimpleCommand): string | undefined =>
  document ?? (from === undefined ? undefined : spokenBy(from))

/** The texts that a command writes: its own, one of a here-document, and what is piped to it. */
export const writtenTexts = (command: SimpleCommand): readonly WrittenText[] => {
  const [first = '', ...args] = command.words
  const program = programOf(first)
  const passesOn = program === 'tee' || program === 'cat'
  const text = spokenBy(command) ?? (passesOn ? textRead(command) : undefined)
  if (text === undefined) return []
  const paths = [
    ...command.redirected.map(({ path }) => path),
    ...(program === 'tee' ? args.filter((word) => !word.startsWith('-')) : []),
  ]
  return paths.filter((path) => path.startsWith('/')).map((path) => ({ path: posix.normalize(path), text }))
}
