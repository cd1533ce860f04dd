import { redact } from './redaction.ts'
import type { Reporter } from './reporter.ts'
import { createJsonReporter } from './reporter-json.ts'
import { createPlainReporter } from './reporter-plain.ts'
import { createTtyReporter } from './reporter-tty.ts'

/** A stream that talk goes to, such as process.stderr. */
export interface TalkStream {
  readonly write: (text: string) => unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface ReporterOptions {
  readonly json: boolean
  readonly color: boolean
  readonly verbose: boolean
  readonly stream: TalkStream
  readonly environment: Readonly<Record<string, string | undefined>>
}

export interface OpenReporter extends Reporter {
  /** Stops timers and leaves the terminal as it was. */
  readonly close: () => void
}

/** A stream on which no secret appears, however it came into a message. */
const redacted = (stream: TalkStream): TalkStream => ({
  write: (text) => stream.write(redact(text)),
  get columns() {
    return stream.columns ?? 0
  },
  isTTY: stream.isTTY === true,
})

/** Bars where somebody watches, lines where a log is written, JSON where a program reads. */
export const createReporter = (given: ReporterOptions): OpenReporter => {
  const options = { ...given, stream: redacted(given.stream) }
  if (options.json) return createJsonReporter(options)
  // In CI a terminal is often pretended; its bars would fill the log.
  const watched =
    options.stream.isTTY === true && options.environment['TERM'] !== 'dumb' && !options.environment['CI']
  return watched ? createTtyReporter(options) : createPlainReporter(options)
}
