import type { AskSecret } from '../materialise/state/state-keys.ts'

/** The two streams of a command. Data goes to `out`, talk to `err`; tests pass collectors. */
export interface Terminal {
  /** Writes text as it is: callers end their lines. */
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Colour for the named stream, after --color, NO_COLOR and whether it is a TTY. */
  readonly colorOut: boolean
  readonly colorErr: boolean
  /** Asks whoever sits there, without echo; absent where nobody does. */
  readonly ask?: AskSecret
}
