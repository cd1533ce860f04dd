const isHeader = (line: string): boolean => /^\[[^\]]+\]\s*$/.test(line)

/** Lines of a unit with those that a `\` continues put together; comments and empty lines left out. */
const logicalLines = (text: string): readonly string[] =>
  text
    .replaceAll('\r\n', '\n')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[#;]/.test(line))

/** The longest line that Ignition 2.14 reads in a unit (go-systemd, SYSTEMD_LINE_MAX). */
const mostCharacters = 2048

/** What systemd or Ignition would not read in a unit, as a sentence; undefined when both do. */
export const faultOfUnit = (text: string): string | undefined => {
  if (text.split('\n').some((line) => line.length >= mostCharacters))
    return `a line has ${mostCharacters} characters or more, which Ignition does not read`
  const lines = logicalLines(text)
  const [first] = lines
  if (first !== undefined && !isHeader(first))
    return `\`${first.slice(0, 60)}\` stands before any \`[Section]\``
  const bad = lines.find((line) => !isHeader(line) && !/^[^=[\s][^=]*=/.test(line))
  return bad === undefined ? undefined : `\`${bad.slice(0, 60)}\` is neither \`[Section]\` nor \`Key=value\``
}

export const hasInstallSection = (text: string): boolean =>
  logicalLines(text).some((line) => /^\[Install\]$/.test(line))

const valuesOf = (text: string, key: RegExp): readonly string[] =>
  logicalLines(text).flatMap((line) => {
    const [name = '', ...rest] = line.split('=')
    return key.test(name.trim()) ? [rest.join('=').trim()] : []
  })

/** What a service runs, without the signs before a program (systemd.service(5)). */
export const commandsOfUnit = (text: string): readonly string[] =>
  valuesOf(text, /^Exec(?:Condition|StartPre|Start|StartPost|Reload|Stop|StopPost)$/).map((command) =>
    command.replace(/^[-@:+!|]+/, ''),
  )

/** Where a unit mounts something. */
export const mountPointsOfUnit = (text: string): readonly string[] => valuesOf(text, /^Where$/)

/** Units that stop when this one starts. */
export const conflictsOfUnit = (text: string): readonly string[] =>
  valuesOf(text, /^Conflicts$/).flatMap((value) => value.split(/\s+/).filter((name) => name !== ''))
