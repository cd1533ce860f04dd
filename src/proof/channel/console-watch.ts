/** A line of `appliance: <node>: <text>` on the console, and when it came. */
export interface PhaseLine {
  readonly text: string
  /** Milliseconds since power-on. */
  readonly atMs: number
}

export interface ConsoleWatch {
  readonly push: (chunk: string) => void
  readonly phases: () => readonly PhaseLine[]
  /** The kernel's last words, if it died. */
  readonly panic: () => string | undefined
  /** The last lines, without the colour and cursor codes that firmware and systemd print. */
  readonly tail: (count: number) => readonly string[]
}

const keptLines = 400

/** `appliance: bakery-1: starting k3s server`; the initrd knows no node yet: `appliance: making the data partition`. */
const phaseOf = (line: string): string | undefined =>
  /appliance: (?:[^\s:]+: )?(.+)$/.exec(line)?.[1] ??
  (/\] Linux version \d/.test(line) ? 'the kernel starts' : undefined)

/** CSI sequences, other escapes, and what remains of control characters. */
const escapes =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a console is full of them
  /\u001b\[[0-9;?=]*[ -/]*[@-~]|\u001b[()#][0-9A-Za-z]|\u001b[0-9A-Za-z=>]|[\u0000-\u0008\u000b-\u001f\u007f]/g

export const plainText = (text: string): string => text.replace(escapes, '')

/** Reads a serial console: what the node says it does, and whether its kernel lives. */
export const createConsoleWatch = (
  powerOnAt: number,
  onPhase: (phase: PhaseLine) => void = () => undefined,
  onText: (line: string) => void = () => undefined,
): ConsoleWatch => {
  const lines: string[] = []
  const phases: PhaseLine[] = []
  let panic: string | undefined
  let rest = ''
  const onLine = (raw: string): void => {
    const line = plainText(raw).trimEnd()
    if (line === '') return
    lines.push(line)
    if (lines.length > keptLines) lines.shift()
    onText(line)
    if (panic === undefined && line.includes('Kernel panic - not syncing')) panic = line
    const text = phaseOf(line)
    if (text !== undefined) {
      const phase = { text, atMs: performance.now() - powerOnAt }
      phases.push(phase)
      onPhase(phase)
    }
  }
  return {
    push: (chunk) => {
      rest += chunk
      const parts = rest.split(/\r?\n/)
      rest = parts.pop() ?? ''
      for (const part of parts) onLine(part)
    },
    phases: () => phases,
    panic: () => panic,
    tail: (count) => [...lines, ...(rest.trim() === '' ? [] : [plainText(rest).trimEnd()])].slice(-count),
  }
}
