import type { Reporter } from './reporter.ts'
import { createPlainReporter } from './reporter-plain.ts'

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

export const createReporter = (options: ReporterOptions): OpenReporter => createPlainReporter(options)
