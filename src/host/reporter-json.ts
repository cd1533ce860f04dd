import type { OpenReporter, ReporterOptions } from './create-reporter.ts'

/** Milliseconds between two lines about one task. */
const everyMs = 2000

/** One JSON object per line on stderr: `{"event":"info|warn|debug|task", ...}`. */
export const createJsonReporter = (options: Pick<ReporterOptions, 'stream' | 'verbose'>): OpenReporter => {
  const emit = (event: Readonly<Record<string, unknown>>): void => {
    options.stream.write(`${JSON.stringify(event)}\n`)
  }
  return {
    info: (message) => emit({ event: 'info', message }),
    warn: (message) => emit({ event: 'warn', message }),
    debug: (message) => {
      if (options.verbose) emit({ event: 'debug', message })
    },
    task: (label, { total, unit } = {}) => {
      const start = performance.now()
      let saidAt = start
      const say = (state: string, more: Readonly<Record<string, unknown>>): void => {
        const seconds = Math.round((performance.now() - start) / 100) / 10
        emit({ event: 'task', label, state, seconds, ...more })
      }
      say('start', { total, unit })
      return {
        progress: (position, note) => {
          if (performance.now() - saidAt < everyMs) return
          saidAt = performance.now()
          say('progress', { position, total, unit, note })
        },
        done: (note) => say('done', { note }),
        fail: (note) => say('failed', { note }),
      }
    },
    close: () => undefined,
  }
}
