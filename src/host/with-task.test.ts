import { expect, test } from 'vitest'
import type { Reporter } from './reporter.ts'
import { withTask } from './with-task.ts'

const recorder = () => {
  const said: string[] = []
  const say = (text: string) => (): void => void said.push(text)
  const report: Reporter = {
    info: say('info'),
    warn: say('warn'),
    debug: say('debug'),
    task: (label) => ({
      progress: (position) => void said.push(`${label} ${position}`),
      done: say(`${label} done`),
      fail: say(`${label} failed`),
    }),
  }
  return { said, report }
}

test('work that returns is done, with its result', async () => {
  const { said, report } = recorder()
  const result = await withTask(report, 'pack', {}, async (task) => {
    task.progress(3)
    return 'packed'
  })
  expect(result).toBe('packed')
  expect(said).toEqual(['pack 3', 'pack done'])
})

test('work that throws has failed, and its fault goes on', async () => {
  const { said, report } = recorder()
  const fault = new Error('disk full')
  await expect(withTask(report, 'pack', {}, () => Promise.reject(fault))).rejects.toBe(fault)
  expect(said).toEqual(['pack failed'])
})
