import { styleText } from 'node:util'
import type { OpenReporter, ReporterOptions } from './create-reporter.ts'
import { bar, describeProgress, printable } from './progress-text.ts'

/** Milliseconds between two drawings. */
const frameMs = 120

/** More tasks than this are counted, not drawn: a block taller than the terminal cannot be redrawn. */
const mostLines = 8

interface RunningTask {
  readonly label: string
  readonly start: number
  readonly total: number | undefined
  readonly unit: 'bytes' | 'items' | 'steps' | undefined
  position: number
  note: string | undefined
}

const eraseLine = '\u001b[2K'
const upOne = '\u001b[1A'
const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'

const clock = (start: number): string => {
  const seconds = Math.floor((performance.now() - start) / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

const describeTask = (task: RunningTask, columns: number): string => {
  const progress = describeProgress(task.position, task.total, task.unit)
  const head = task.label.padEnd(Math.min(32, Math.floor(columns / 3)))
  const drawn = task.total === undefined || task.total === 0 ? '' : `${bar(task.position / task.total, 20)} `
  const tail = [progress, task.note, clock(task.start)].filter((part) => part !== undefined && part !== '')
  return printable(`  ${head} ${drawn}${tail.join('  ')}`).slice(0, columns - 1)
}

/** Running tasks as a block of lines that is drawn again and again below everything else that is said. */
export const createTtyReporter = (
  options: Pick<ReporterOptions, 'stream' | 'verbose' | 'color'>,
): OpenReporter => {
  const { stream } = options
  const running = new Set<RunningTask>()
  let drawnLines = 0
  let timer: NodeJS.Timeout | undefined
  type Style = 'green' | 'red' | 'yellow' | 'dim'
  const style = (how: Style, text: string): string =>
    options.color ? styleText(how, text, { validateStream: false }) : text

  const erase = (): string => {
    const text = `${upOne}${eraseLine}`.repeat(drawnLines)
    drawnLines = 0
    return text
  }
  const block = (): string => {
    const columns = stream.columns || 80
    const lines = [...running].slice(0, mostLines).map((task) => describeTask(task, columns))
    if (running.size > mostLines) lines.push(`  and ${running.size - mostLines} more`)
    drawnLines = lines.length
    return lines.map((line) => `${line}\n`).join('')
  }
  const say = (line: string): void => {
    stream.write(`${erase()}${line}\n${block()}`)
  }
  const stopDrawing = (): void => {
    if (timer === undefined) return
    clearInterval(timer)
    timer = undefined
    stream.write(showCursor)
  }

  return {
    info: (message) => say(printable(message)),
    warn: (message) => say(style('yellow', `warning: ${printable(message)}`)),
    debug: (message) => {
      if (options.verbose) say(style('dim', printable(message)))
    },
    task: (label, { total, unit } = {}) => {
      const task: RunningTask = { label, start: performance.now(), total, unit, position: 0, note: undefined }
      running.add(task)
      if (timer === undefined) {
        stream.write(hideCursor)
        timer = setInterval(() => stream.write(`${erase()}${block()}`), frameMs)
        timer.unref()
      }
      const end = (mark: string, note: string | undefined): void => {
        if (!running.delete(task)) return
        const seconds = style('dim', `${((performance.now() - task.start) / 1000).toFixed(1)} s`)
        say(`${mark} ${printable(label)}${note === undefined ? '' : ` (${printable(note)})`} ${seconds}`)
        if (running.size === 0) stopDrawing()
      }
      return {
        progress: (position, note) => {
          task.position = position
          task.note = note ?? task.note
        },
        done: (note) => end(style('green', 'ok    '), note),
        fail: (note) => end(style('red', 'failed'), note),
      }
    },
    close: () => {
      stream.write(erase())
      running.clear()
      stopDrawing()
    },
  }
}
