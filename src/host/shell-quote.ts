/** Quotes one word for a POSIX shell; plain words stay as they are, so that printed commands read well. */
export const shellQuote = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/** A line to paste into a shell that runs `argv` the way we ran it. */
export const replayLine = (
  argv: readonly string[],
  options: {
    readonly cwd?: string
    readonly env?: Readonly<Record<string, string>>
    readonly stdin?: string
    readonly stdout?: string
  } = {},
): string => {
  const settings = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${shellQuote(value)}`)
  const command = [...settings, ...argv.map(shellQuote)].join(' ')
  const from = options.stdin === undefined ? '' : ` < ${shellQuote(options.stdin)}`
  const to = options.stdout === undefined ? '' : ` > ${shellQuote(options.stdout)}`
  const line = `${command}${from}${to}`
  return options.cwd === undefined ? line : `(cd ${shellQuote(options.cwd)} && ${line})`
}
