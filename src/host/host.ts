import type { Readable } from 'node:stream'
import type { HostFiles } from './files.ts'
import type { Reporter } from './reporter.ts'

export interface ExecOptions {
  readonly cwd?: string
  /** Added to a minimal environment (PATH, HOME, LC_ALL=C.UTF-8, TZ=UTC), so that results do not depend on the caller's. */
  readonly env?: Readonly<Record<string, string>>
  /** The caller's own environment instead of the minimal one: for programs that the user names. */
  readonly wholeEnvironment?: boolean
  /** Text or bytes for standard input; default: none. */
  readonly input?: string | Uint8Array
  /** Files to connect instead of pipes, for large streams. */
  readonly stdinFile?: string
  /** A stream to feed to standard input, for content that is made while the program runs. */
  readonly stdinStream?: Readable
  readonly stdoutFile?: string
  /** Append everything printed to this file as well. */
  readonly logFile?: string
  /** Called with each line of stdout and stderr as it comes. */
  readonly onLine?: (line: string) => void
  /** Gets stdout piece by piece instead of `stdout` of the result, for output larger than memory. */
  readonly onStdout?: (chunk: Uint8Array) => void
  /** Exit codes that are not a fault; default [0]. */
  readonly okCodes?: readonly number[]
  readonly timeoutMs?: number
  /** Ends the program early, beside the host's own signal; exec then throws Cancelled. */
  readonly signal?: AbortSignal
  /** What we were trying to do, for the fault: "make the root file system". */
  readonly doing?: string
}

export interface ExecResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** The outside world. Everything right of the plan gets one; nothing left of it may see it. */
export interface Host {
  readonly files: HostFiles
  /** Runs a program, never through a shell. Throws StepFault (failure) or EnvironmentFault (not installed). */
  readonly exec: (argv: readonly string[], options?: ExecOptions) => Promise<ExecResult>
  /** Downloads to a file. Throws EnvironmentFault when `offline`; resumes nothing, writes atomically. */
  readonly download: (
    url: string,
    target: string,
    options?: { readonly label?: string; readonly timeoutMs?: number },
  ) => Promise<void>
  /** Milliseconds since 1970. Plans never see it; only lock and state creation do. */
  readonly now: () => number
  readonly randomBytes: (length: number) => Uint8Array
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly report: Reporter
  /** Aborted by Ctrl-C or SIGTERM. exec and download obey it by themselves. */
  readonly signal: AbortSignal
  /** Registers work to undo on any way out (also Ctrl-C): temp dirs, mounts, processes. Returns the undo, to be called early. */
  readonly onExit: (undo: () => Promise<void> | void) => () => Promise<void>
  /** True when no socket may be opened. */
  readonly offline: boolean
}
