/**
 * Faults of the machine or of this program. Thrown, never used for what a user wrote.
 * Exit codes: EnvironmentFault 3, StepFault 4, anything else 70 (a bug).
 */

/** Something outside the profile is missing or wrong: a tool, a permission, disk space, the network. */
export class EnvironmentFault extends Error {
  override readonly name = 'EnvironmentFault'
  /** The next step for whoever sees this. */
  readonly help: string
  constructor(message: string, help: string, options?: ErrorOptions) {
    super(message, options)
    this.help = help
  }
}

/** A step of the work failed. Carries the command line that replays it and the end of what it printed. */
export class StepFault extends Error {
  override readonly name = 'StepFault'
  /** A line to paste into a shell, or undefined where the step is not a command. */
  readonly replay: string | undefined
  readonly lastLines: readonly string[]
  readonly logPath: string | undefined
  readonly help: string | undefined
  constructor(
    message: string,
    details: {
      readonly replay?: string
      readonly lastLines?: readonly string[]
      readonly logPath?: string
      readonly help?: string
      readonly cause?: unknown
    } = {},
  ) {
    super(message, { cause: details.cause })
    this.replay = details.replay
    this.lastLines = details.lastLines ?? []
    this.logPath = details.logPath
    this.help = details.help
  }
}

/** The user or a signal ended the run. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
}
