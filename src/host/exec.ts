import { once } from 'node:events'
import type { ReadStream, WriteStream } from 'node:fs'
import { createReadStream, createWriteStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { Cancelled, EnvironmentFault, StepFault } from '../diagnostics/fault.ts'
import type { ExecOptions, ExecResult } from './host.ts'
import { createLineSplitter } from './line-splitter.ts'
import type { ProcessGroups } from './process-groups.ts'
import { redact } from './redaction.ts'
import { replayLine } from './shell-quote.ts'
import { findProgram, missingProgram, searchPath } from './tools.ts'

export interface ExecContext {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly offline: boolean
  readonly signal: AbortSignal
  readonly groups: ProcessGroups
  readonly debug: (message: string) => void
}

/** Lines of output that a fault carries. */
const lastLineCount = 20

const proxyNames = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']

/** Milliseconds for what a program has started to end after it. */
const orphanGraceMs = 2000

/** The same for every caller, so that a result depends on our arguments alone; the network's way out is passed on. */
const minimalEnvironment = (context: ExecContext): Record<string, string> => {
  const { environment, offline } = context
  const passedOn = ['TMPDIR', 'XDG_RUNTIME_DIR', ...(offline ? [] : proxyNames)]
  const base: Record<string, string> = {
    PATH: searchPath(environment['PATH']),
    HOME: environment['HOME'] ?? '/',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
  }
  for (const name of passedOn) {
    const value = environment[name]
    if (value !== undefined) base[name] = value
  }
  return base
}

/** Opened before the program starts, which then reads and writes the file by itself: no byte passes through us. */
const opened = async <T extends ReadStream | WriteStream>(stream: T): Promise<T> => {
  await once(stream, 'open')
  return stream
}

/**
 * Runs a program in a process group of its own: Ctrl-C in the terminal reaches us alone, and what the program
 * started ends with it. `setpriv --pdeathsig` ends it too when we are killed outright.
 */
export const runProgram = async (
  argv: readonly string[],
  options: ExecOptions,
  context: ExecContext,
): Promise<ExecResult> => {
  const [name, ...args] = argv
  if (name === undefined) throw new TypeError('exec needs a program')
  const signal =
    options.signal === undefined ? context.signal : AbortSignal.any([context.signal, options.signal])
  if (signal.aborted) throw new Cancelled('cancelled')
  const own = options.wholeEnvironment === true ? context.environment : {}
  const env = { ...own, ...minimalEnvironment(context), ...options.env }
  const path = env['PATH'] ?? ''
  const program = await findProgram(name, path)
  if (program === undefined) throw missingProgram(name)
  if (options.cwd !== undefined) {
    const { cwd } = options
    await access(cwd).catch(() => {
      throw new EnvironmentFault(
        `the folder ${cwd} is missing`,
        'Run the command again: it makes the folder anew.',
      )
    })
  }
  const replayed = replayLine(argv, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.stdinFile === undefined ? {} : { stdin: options.stdinFile }),
    ...(options.stdoutFile === undefined ? {} : { stdout: options.stdoutFile }),
  })
  const replay = redact(replayed)
  context.debug(`$ ${replay}`)

  const lastLines: string[] = []
  const log = options.logFile === undefined ? undefined : createWriteStream(options.logFile, { flags: 'a' })
  let logFault: Error | undefined
  log?.on('error', (error) => {
    logFault = error
  })
  log?.write(`$ ${replay}\n`)
  const onLine = (line: string): void => {
    const shown = redact(line)
    lastLines.push(shown)
    if (lastLines.length > lastLineCount) lastLines.shift()
    log?.write(`${shown}\n`)
    options.onLine?.(line)
  }

  const guard = await findProgram('setpriv', path)
  const [file, fileArgs] =
    guard === undefined ? [program, args] : [guard, ['--pdeathsig', 'KILL', '--', program, ...args]]
  const input =
    options.stdinFile === undefined ? undefined : await opened(createReadStream(options.stdinFile))
  const output =
    options.stdoutFile === undefined ? undefined : await opened(createWriteStream(options.stdoutFile))
  // Loaded at the first program, so that commands without one start faster.
  const { execa } = await import('execa')
  const startedAt = performance.now()
  let timedOut = false
  try {
    const child = execa(file, fileArgs, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env,
      extendEnv: false,
      detached: true,
      cleanup: false,
      reject: false,
      stripFinalNewline: false,
      maxBuffer: 64 * 1024 * 1024,
      ...(options.input === undefined
        ? { stdin: options.stdinStream === undefined ? (input ?? 'ignore') : [options.stdinStream, 'pipe'] }
        : { input: options.input }),
      stdout: output ?? 'pipe',
      stderr: 'pipe',
      buffer: { stdout: options.onStdout === undefined, stderr: true },
    })
    const { onStdout } = options
    if (onStdout !== undefined) child.stdout?.on('data', onStdout)
    for (const stream of onStdout === undefined ? [child.stdout, child.stderr] : [child.stderr]) {
      const splitter = createLineSplitter(onLine)
      stream?.on('data', (chunk: Uint8Array) => splitter.push(chunk))
      stream?.on('end', () => splitter.end())
    }
    const group = context.groups.track(child.pid)
    const stop = (): void => group.stop()
    signal.addEventListener('abort', stop, { once: true })
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true
            group.stop()
          }, options.timeoutMs)
    // What a program leaves behind may hold its pipes open for ever: `unshare --map-auto` does where it is not allowed.
    let orphans: NodeJS.Timeout | undefined
    child.once('exit', () => {
      orphans = setTimeout(stop, orphanGraceMs)
    })
    const result = await child.finally(() => {
      clearTimeout(timer)
      clearTimeout(orphans)
      signal.removeEventListener('abort', stop)
      group.ended()
    })

    if (signal.aborted) throw new Cancelled('cancelled')
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    const exitCode = result.exitCode ?? -1
    if (!timedOut && (options.okCodes ?? [0]).includes(exitCode)) {
      return { stdout: result.stdout ?? '', stderr: result.stderr ?? '', exitCode }
    }
    const ending = timedOut
      ? `did not end within ${(options.timeoutMs ?? 0) / 1000} s`
      : result.signal === undefined
        ? result.exitCode === undefined
          ? `could not be started: ${result.originalMessage ?? 'unknown reason'}`
          : `ended with exit code ${exitCode} after ${seconds} s`
        : `was ended by ${result.signal} after ${seconds} s`
    const doing = options.doing === undefined ? '' : `cannot ${options.doing}: `
    throw new StepFault(`${doing}${name} ${ending}`, {
      replay,
      lastLines,
      ...(options.logFile === undefined ? {} : { logPath: options.logFile }),
    })
  } finally {
    input?.destroy()
    output?.destroy()
    if (log !== undefined) {
      await new Promise<void>((resolve) => (log.destroyed ? resolve() : log.end(() => resolve())))
      if (logFault !== undefined) context.debug(`cannot write ${options.logFile}: ${logFault.message}`)
    }
  }
}
