/** One program with its arguments, as far as they can be read without a shell, and the files that its output goes to. */
export interface SimpleCommand {
  readonly words: readonly string[]
  readonly redirected: readonly Redirection[]
  /** The text of its here-document. */
  readonly document?: string
  /** What is piped to it. */
  readonly from?: SimpleCommand
  /** The shells that it runs in, from the outermost to the one of its own, each by a name that no other one has. */
  readonly shell: readonly string[]
}

/** Of cloud-config: a line for a shell, or a program with its arguments. */
export type Command = string | readonly string[]

export interface Redirection {
  readonly path: string
  /** `>>`: what is there stays. */
  readonly appends: boolean
}

/** What ends a command, outside of quotes; `$(` and backquotes begin another one. */
const separators = new Set([';', '|', '&', '(', ')', '`'])

/** Position behind a quoted text that begins at `start`, and the text. */
const quoted = (line: string, start: number): readonly [number, string] => {
  const quote = line[start]
  let text = ''
  let at = start + 1
  for (; at < line.length && line[at] !== quote; at += 1) {
    if (quote === '"' && line[at] === '\\' && /[$`"\\\n]/.test(line[at + 1] ?? '')) at += 1
    text += line[at] ?? ''
  }
  return [at + 1, text]
}

/** Position behind the lines up to the word that ends a here-document, and where that stands: they are a text, not commands. */
const afterDocument = (text: string, start: number, end: string): readonly [number, number] => {
  let at = start
  while (at < text.length) {
    const next = text.indexOf('\n', at)
    const line = text.slice(at, next < 0 ? text.length : next)
    const begin = at
    at = next < 0 ? text.length : next + 1
    if (line.replace(/^\t+/, '') === end) return [at, begin]
  }
  return [at, at]
}

type Mutable = { -readonly [K in keyof SimpleCommand]: SimpleCommand[K] }

type Awaited = 'word' | 'overwrites' | 'appends' | 'reads' | 'document'

/**
 * The commands of a text for sh(1), in their order. Quotes, comments, redirections and here-documents are read; variables and
 * what a program makes of a text are not.
 */
export const simpleCommands = (text: string): readonly SimpleCommand[] => {
  const commands: Mutable[] = []
  const documents: { readonly end: string; readonly of: number }[] = []
  let words: string[] = []
  let redirected: Redirection[] = []
  let word: string | undefined
  let awaited: Awaited = 'word'
  let shell: readonly string[] = ['']
  let isPiped = false
  const endWord = (): void => {
    if (word === undefined) return
    if (awaited === 'word') words.push(word)
    else if (awaited === 'document') documents.push({ end: word, of: commands.length })
    else if (awaited !== 'reads') redirected.push({ path: word, appends: awaited === 'appends' })
    word = undefined
    awaited = 'word'
  }
  const endCommand = (): void => {
    endWord()
    const from = isPiped ? commands.at(-1) : undefined
    if (words.length + redirected.length > 0)
      commands.push({ words, redirected, shell, ...(from === undefined ? {} : { from }) })
    isPiped = false
    words = []
    redirected = []
    awaited = 'word'
  }
  let at = 0
  while (at < text.length) {
    const char = text[at] ?? ''
    if (char === "'" || char === '"') {
      const [next, inner] = quoted(text, at)
      word = (word ?? '') + inner
      at = next
    } else if (char === '\\') {
      if (text[at + 1] !== '\n') word = (word ?? '') + (text[at + 1] ?? '')
      at += 2
    } else if (char === '#' && word === undefined) {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
    } else if (char === '\n') {
      endCommand()
      at += 1
      for (const { end, of } of documents.splice(0)) {
        const [next, last] = afterDocument(text, at, end)
        const command = commands[of]
        if (command !== undefined) command.document = text.slice(at, last).replaceAll(/^\t+/gm, '')
        at = next
      }
    } else if (/\s/.test(char)) {
      endWord()
      at += 1
    } else if (char === '>' || char === '<' || (char === '&' && text[at + 1] === '>')) {
      // The number of a descriptor is no word.
      if (word !== undefined && /^\d+$/.test(word)) word = undefined
      endWord()
      const [sign = ''] = /^&?(?:>>|>\||>&|>|<<<|<<-?|<&|<>|<)/.exec(text.slice(at)) ?? []
      if (sign.startsWith('<')) awaited = /^<<-?$/.test(sign) ? 'document' : 'reads'
      else awaited = sign.endsWith('>>') ? 'appends' : 'overwrites'
      at += sign.length
      const descriptor = sign.endsWith('>&') || sign === '<&' ? /^(?:\d+|-)/.exec(text.slice(at)) : null
      if (descriptor !== null) {
        awaited = 'word'
        at += descriptor[0].length
      }
    } else if (separators.has(char)) {
      endCommand()
      isPiped = char === '|' && text[at - 1] !== '|' && text[at + 1] !== '|'
      if (char === '(') shell = [...shell, String(at)]
      // That of a pattern of `case` ends none.
      else if (char === ')' && shell.length > 1) shell = shell.slice(0, -1)
      at += 1
    } else {
      word = (word ?? '') + char
      at += 1
    }
  }
  endCommand()
  return commands
}

/** Words before a program that do not change what it does. */
const keywords = new Set([
  'if',
  'then',
  'elif',
  'else',
  'while',
  'until',
  'do',
  '!',
  '{',
  'time',
  'exec',
  'command',
])
const wrappers = new Set([
  ...[
    'sudo',
    'doas',
    'env',
    'nohup',
    'nice',
    'ionice',
    'setsid',
    'timeout',
    'stdbuf',
    'xargs',
    'systemd-run',
  ],
  ...['busybox', 'eval', 'systemd-inhibit'],
])
const shells = new Set(['sh', 'bash', 'dash', 'ash', 'su', 'runuser'])
/** Options of wrappers whose value is a word of its own. */
const withValue = /^-(?:[ugUCpI]|-user|-group)$/

/** The last part of the path of a program. */
export const programOf = (word: string): string => word.slice(word.lastIndexOf('/') + 1)

/** A command without what only leads to it: `sudo -u ops env A=b rm x` is `rm x`. */
const bare = (words: readonly string[]): readonly string[] => {
  let rest = words
  for (;;) {
    const [first] = rest
    if (first === undefined) return rest
    const program = programOf(first)
    if (keywords.has(first) || /^[A-Za-z_]\w*=/.test(first)) rest = rest.slice(1)
    else if (wrappers.has(program)) {
      rest = rest.slice(1)
      while (rest[0] !== undefined && /^(?:-|\d+(?:\.\d+)?[smhd]?$)/.test(rest[0]))
        rest = rest.slice(withValue.test(rest[0]) ? 2 : 1)
    } else return rest
  }
}

const unwrapped = (
  { words, ...rest }: SimpleCommand,
  place: number,
  depth: number,
): readonly SimpleCommand[] => {
  const own = bare(words)
  const at = own.findIndex((word) => /^-[a-z]*c$/.test(word) || word === '--command')
  const isShell = shells.has(programOf(own[0] ?? '')) && at > 0 && depth < 4
  if (!isShell) return [{ ...rest, words: own }]
  const inner = simpleCommands(own.slice(at + 1).join(' ')).map((command) => ({
    ...command,
    shell: [...rest.shell, `-c ${place}`, ...command.shell],
  }))
  return [{ ...rest, words: [] }, ...inner.flatMap((command, index) => unwrapped(command, index, depth + 1))]
}

/** Every program that a command runs: a line for a shell, or a program with its arguments, which may be a shell. */
export const programsIn = (command: Command): readonly SimpleCommand[] =>
  (typeof command === 'string'
    ? simpleCommands(command)
    : [{ words: command, redirected: [], shell: [''] }]
  ).flatMap((each, index) => unwrapped(each, index, 0))
