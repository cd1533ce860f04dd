import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { Cancelled } from '../diagnostics/fault.ts'
import { createReporter } from './create-reporter.ts'
import { createDownload } from './download.ts'
import { runProgram } from './exec.ts'
import { createExitStack } from './exit-stack.ts'
import type { Host } from './host.ts'
import { createNodeFiles } from './node-files.ts'
import { createProcessGroups } from './process-groups.ts'
import { watchSignals } from './signals.ts'

export interface NodeHostOptions {
  /** No socket is opened. */
  readonly offline?: boolean
  readonly verbose?: boolean
  readonly color?: boolean
  /** Talk on stderr as JSON lines; data on stdout is the caller's. */
  readonly json?: boolean
}

export interface NodeHost extends Host {
  /** Undoes what is left to undo. Call it on every way out; the host is of no use afterwards. */
  readonly close: () => Promise<void>
}

/** The machine we run on. One for each run of the program: it listens to signals until it is closed. */
export const createNodeHost = (options: NodeHostOptions = {}): NodeHost => {
  const offline = options.offline ?? false
  const environment = process.env
  const report = createReporter({
    json: options.json ?? false,
    color: options.color ?? false,
    verbose: options.verbose ?? false,
    stream: process.stderr,
    environment,
  })
  const abort = new AbortController()
  // Every running program and download listens to it.
  setMaxListeners(0, abort.signal)
  const groups = createProcessGroups()
  const exits = createExitStack((error) =>
    report.warn(`cleaning up: ${error instanceof Error ? error.message : String(error)}`),
  )
  const unwatch = watchSignals({
    first: (name) => {
      report.warn(`${name}: stopping; once more to stop at once`)
      abort.abort(new Cancelled(name))
    },
    unwind: exits.unwind,
    killAll: groups.killAll,
  })
  const exec: Host['exec'] = (argv, execOptions = {}) =>
    runProgram(argv, execOptions, { environment, offline, signal: abort.signal, groups, debug: report.debug })
  const files = createNodeFiles({ exec, onExit: exits.push, environment })

  return {
    files,
    exec,
    download: createDownload({ offline, signal: abort.signal, report, copy: files.copy, onExit: exits.push }),
    now: () => Date.now(),
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    environment,
    report,
    signal: abort.signal,
    onExit: exits.push,
    offline,
    close: async () => {
      await exits.unwind()
      report.close()
      unwatch()
    },
  }
}
