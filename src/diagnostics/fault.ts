import type { Code } from './codes.ts'

/**
 * Faults of the machine or of this program. Thrown, never used for what a user wrote.
 * Exit codes: EnvironmentFault 3, StepFault 4, anything else 70 (a bug).
 */

/** A key of the profile, or a part of a node's settings, which may stand in `defaults` as well. */
export type ProfilePlace =
  | readonly (string | number)[]
  | { readonly node: string; readonly part: readonly string[] }

/** Something outside the profile is missing or wrong: a tool, a permission, disk space, the network. */
export class EnvironmentFault extends Error {
  override readonly name = 'EnvironmentFault'
  /** The next step for whoever sees this. */
  readonly help: string
  /** For `appliance explain`, where the catalogue has more to say. */
  readonly code: Code | undefined
  /** The key of the profile that leads here (`cluster.state`), so that the report shows its line. */
  readonly at: ProfilePlace | undefined
  /** `profile.yaml:7:3`, filled in by who knows the text of the profile. */
  place: string | undefined
  constructor(
    message: string,
    help: string,
    options: ErrorOptions & { readonly code?: Code; readonly at?: ProfilePlace } = {},
  ) {
    const { code, at, ...rest } = options
    super(message, rest)
    this.help = help
    this.code = code
    this.at = at
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
  /** For `appliance explain`, where the catalogue has more to say. */
  readonly code: Code | undefined
  constructor(
    message: string,
    details: {
      readonly code?: Code
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
    this.code = details.code
  }
}

/** The user or a signal ended the run. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
}
