import { expect, test } from 'vitest'
import { codes } from '../../diagnostics/codes.ts'
import { everyKey } from '../../profile/describe-schema.ts'
import { runInProcess } from '../testing/run-program.ts'

test('every code is explained', async () => {
  for (const [code, { title, explanation }] of Object.entries(codes)) {
    const run = await runInProcess(['explain', code])
    expect(run).toMatchObject({ exitCode: 0, stderr: '', stdout: `${code}: ${title}\n\n${explanation}\n` })
  }
})

test('every key of the profile is explained', async () => {
  for (const { path, description } of everyKey()) {
    const run = await runInProcess(['explain', path])
    expect(run.exitCode).toBe(0)
    expect(run.stdout.startsWith(`${path}\n\n${description}\n`)).toBe(true)
  }
})

test.each(['p0107', 'nodes[0].board', 'nodes[].board'])('%s is understood', async (subject) => {
  expect(await runInProcess(['explain', subject])).toMatchObject({ exitCode: 0 })
})

test.each([
  ['board', 'did you mean nodes.board?'],
  ['bord', 'did you mean nodes.board?'],
  ['nodes.bord', 'did you mean nodes.board?'],
  ['P0170', 'did you mean P0107?'],
  ['constructor', 'give a code such as P0107'],
])('%s is unknown: %s', async (subject, hint) => {
  const run = await runInProcess(['explain', subject])
  expect(run).toMatchObject({ exitCode: 2, stdout: '' })
  expect(run.stderr).toContain(hint)
})
