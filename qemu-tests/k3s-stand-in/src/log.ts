/** Log lines in the form that k3s writes them to a file or the journal (logrus text without a terminal), on stderr. */

type Level = 'info' | 'warning' | 'error' | 'fatal'

export const log = {
  info: (message: string): void => write('info', message),
  warn: (message: string): void => write('warning', message),
  error: (message: string): void => write('error', message),
  /** Writes the line and ends the process with status 1, as k3s does. */
  fatal: (message: string): never => {
    write('fatal', message)
    process.exit(1)
  },
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message === '' ? error.name : error.message
}

/** Prefixes the message of an error, as k3s does on each layer that an error passes. */
export function withMessage(error: unknown, message: string): Error {
  return new Error(`${message}: ${messageOf(error)}`, { cause: error })
}

function write(level: Level, message: string): void {
  const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  process.stderr.write(`time="${time}" level=${level} msg=${JSON.stringify(message)}\n`)
}
