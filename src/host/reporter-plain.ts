import type { OpenReporter, ReporterOptions } from './create-reporter.ts'
import { describeProgress, printable } from './progress-text.ts'

/** Milliseconds between two lines of a long task. */
const everyMs = 12_000

const secondsSince = (start: number): string => `${((performance.now() - start) / 1000).toFixed(1)} s`

/** Lines for logs: where a task starts, where it is every few seconds, where it ends and how long it took. */
export const createPlainReporter = (options: Pick<ReporterOptions, 'stream' | 'verbose'>): OpenReporter => {
  const timers = new Set<NodeJS.Timeout>()
  const line = (text: string): void => {
    options.stream.write(`${printable(text)}\n`)
  }
  return {
    info: line,
    warn: (message) => line(`warning: ${message}`),
    debug: (message) => {
      if (options.verbose) line(message)
    },
    task: (label, { total, unit } = {}) => {
      const start = performance.now()
      let position = 0
      let note: string | undefined
      line(`${label} ...`)
      const timer = setInterval(() => {
        line(
          `${label}: ${[describeProgress(position, total, unit), note, secondsSince(start)].filter(Boolean).join(', ')}`,
        )
      }, everyMs)
      timer.unref()
      timers.add(timer)
      const end = (word: string, last: string | undefined): void => {
        clearInterval(timer)
        timers.delete(timer)
        line(`${label}: ${word}${last === undefined ? '' : ` (${last})`}, ${secondsSince(start)}`)
      }
      return {
        progress: (to, text) => {
          position = to
          note = text ?? note
        },
        done: (last) => end('done', last),
        fail: (last) => end('failed', last),
      }
    },
    close: () => {
      for (const timer of timers) clearInterval(timer)
    },
  }
}
