import { afterEach, expect, test, vi } from 'vitest'
import { createReporter } from './create-reporter.ts'

afterEach(() => {
  vi.useRealTimers()
})

interface Said {
  readonly text: () => string
  readonly reporter: ReturnType<typeof createReporter>
}

const make = (options: { isTTY?: boolean; json?: boolean; color?: boolean; ci?: boolean } = {}): Said => {
  let text = ''
  const reporter = createReporter({
    json: options.json ?? false,
    color: options.color ?? false,
    verbose: false,
    environment: options.ci === true ? { CI: 'true' } : {},
    stream: { write: (part) => (text += part), isTTY: options.isTTY ?? false, columns: 80 },
  })
  return { text: () => text, reporter }
}

test('lines: start, every few seconds, end', () => {
  vi.useFakeTimers()
  const { reporter, text } = make()
  const task = reporter.task('download k3s', { total: 2_000_000, unit: 'bytes' })
  task.progress(500_000)
  vi.advanceTimersByTime(13_000)
  task.done('2.0 MB')
  reporter.debug('unseen')
  reporter.warn('odd')
  reporter.close()
  expect(text()).toBe(
    'download k3s ...\ndownload k3s: 25 %, 500 kB of 2.0 MB, 12.0 s\ndownload k3s: done (2.0 MB), 13.0 s\nwarning: odd\n',
  )
})

test('a terminal gets bars, and its cursor back', () => {
  vi.useFakeTimers()
  const { reporter, text } = make({ isTTY: true })
  const first = reporter.task('base arm64', { total: 4 })
  const second = reporter.task('payload')
  first.progress(1, 'unpack')
  vi.advanceTimersByTime(200)
  expect(text()).toContain('[====>               ] 1 of 4  unpack')
  reporter.info('said above')
  second.fail()
  first.done()
  reporter.close()
  expect(text()).toContain('failed payload')
  expect(text()).toContain('ok     base arm64')
  expect(text().startsWith('\u001b[?25l')).toBe(true)
  expect(text().endsWith('\u001b[?25h')).toBe(true)
})

test('colour only where it is wanted; none of a program that sends its own', () => {
  const off = make({ isTTY: true })
  off.reporter.warn('\u001b[31mred\u0007')
  expect(off.text()).toBe('warning: red\n')
  const on = make({ isTTY: true, color: true })
  on.reporter.warn('odd')
  expect(on.text()).toBe('\u001b[33mwarning: odd\u001b[39m\n')
})

test('a pretended terminal in CI gets lines', () => {
  vi.useFakeTimers()
  const { reporter, text } = make({ isTTY: true, ci: true })
  reporter.task('x').done()
  expect(text()).toBe('x ...\nx: done, 0.0 s\n')
})

test('every line of JSON is an object', () => {
  vi.useFakeTimers()
  const { reporter, text } = make({ json: true, isTTY: true })
  reporter.task('x', { total: 3, unit: 'items' }).fail('why')
  reporter.info('hello')
  expect(
    text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { event: 'task', label: 'x', state: 'start', seconds: 0, total: 3, unit: 'items' },
    { event: 'task', label: 'x', state: 'failed', seconds: 0, note: 'why' },
    { event: 'info', message: 'hello' },
  ])
})
