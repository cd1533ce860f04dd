import { createHash } from 'node:crypto'
import { EnvironmentFault, StepFault } from '../diagnostics/fault.ts'
import { runProgram } from './exec.ts'
import { createExitStack } from './exit-stack.ts'
import type { ExecOptions, ExecResult, Host } from './host.ts'
import { createNodeFiles } from './node-files.ts'
import { createProcessGroups } from './process-groups.ts'
import type { Reporter, Task } from './reporter.ts'
import { replayLine } from './shell-quote.ts'

/** What this process has worked so far: unlike the time of day it stands still while other programs keep the machine busy. */
export const processorMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

export interface TestHostScript {
  /** Answers for programs; absent: programs really run. Undefined as an answer: the test did not expect this program. */
  readonly exec?: (argv: readonly string[], options: ExecOptions) => Partial<ExecResult> | undefined
  /** What each address serves; any other address fails. */
  readonly downloads?: Readonly<Record<string, string | Uint8Array>>
  /** Milliseconds since 1970. */
  readonly nowMs?: number
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly offline?: boolean
  readonly signal?: AbortSignal
}

export interface TestHost extends Host {
  /** Every program asked for, in order. */
  readonly calls: readonly (readonly string[])[]
  readonly downloaded: readonly string[]
  /** What was reported: `info: text`, `task label: start`, ... */
  readonly lines: readonly string[]
  /** Undoes what is registered, such as temporary folders; for afterEach. */
  readonly close: () => Promise<void>
}

const collectingReporter = (lines: string[]): Reporter => ({
  info: (message) => lines.push(`info: ${message}`),
  warn: (message) => lines.push(`warn: ${message}`),
  debug: () => undefined,
  task: (label): Task => {
    lines.push(`task ${label}: start`)
    return {
      progress: () => undefined,
      done: (note) => lines.push(`task ${label}: done${note === undefined ? '' : ` ${note}`}`),
      fail: (note) => lines.push(`task ${label}: failed${note === undefined ? '' : ` ${note}`}`),
    }
  },
})

/** The same bytes in every run, never twice the same within one. */
const countedBytes = (): ((length: number) => Uint8Array) => {
  let count = 0
  return (length) => {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at += 32) {
      count += 1
      bytes.set(
        createHash('sha256')
          .update(String(count))
          .digest()
          .subarray(0, length - at),
        at,
      )
    }
    return bytes
  }
}

/** A host for tests: real files, scripted programs and downloads, a clock that stands still. */
export const createTestHost = (script: TestHostScript = {}): TestHost => {
  const calls: (readonly string[])[] = []
  const downloaded: string[] = []
  const lines: string[] = []
  const environment = script.environment ?? { PATH: process.env['PATH'], HOME: '/nonexistent' }
  const offline = script.offline ?? script.downloads === undefined
  const signal = script.signal ?? new AbortController().signal
  const exits = createExitStack((error) => lines.push(`undo: ${String(error)}`))
  const groups = createProcessGroups(200)
  const really = (argv: readonly string[], options: ExecOptions): Promise<ExecResult> =>
    runProgram(argv, options, { environment, offline, signal, groups, debug: () => undefined })
  const files = createNodeFiles({ exec: really, onExit: exits.push, environment })

  const scripted = async (argv: readonly string[], options: ExecOptions): Promise<ExecResult> => {
    const answer = script.exec?.(argv, options)
    if (answer === undefined) throw new Error(`the test did not expect: ${replayLine(argv)}`)
    const result = { stdout: '', stderr: '', exitCode: 0, ...answer }
    for (const line of `${result.stdout}${result.stderr}`.split('\n').filter(Boolean)) options.onLine?.(line)
    if (!(options.okCodes ?? [0]).includes(result.exitCode)) {
      throw new StepFault(`${argv[0]} ended with exit code ${result.exitCode}`, { replay: replayLine(argv) })
    }
    return result
  }

  return {
    files,
    exec: (argv, options = {}) => {
      calls.push(argv)
      return script.exec === undefined ? really(argv, options) : scripted(argv, options)
    },
    download: async (url, target) => {
      downloaded.push(url)
      if (offline) throw new EnvironmentFault(`${url} is needed, and --offline forbids the network`, 'none')
      const content = script.downloads?.[url]
      if (content === undefined) throw new EnvironmentFault(`cannot download ${url}: 404`, 'none')
      await files.writeAtomic(target, content)
    },
    now: () => script.nowMs ?? Date.UTC(2026, 0, 1),
    randomBytes: countedBytes(),
    environment,
    report: collectingReporter(lines),
    signal,
    onExit: exits.push,
    offline,
    calls,
    downloaded,
    lines,
    close: exits.unwind,
  }
}
