import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cliCommand, runCli } from './testing/run-cli.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'appliance-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What starts every colour. */
const escapeSequence = '\u001b['

test.each([
  ['no command', []],
  ['an unknown command', ['bulid']],
  ['a missing argument', ['validate']],
  ['one argument too many', ['validate', 'a', 'b']],
  ['an unknown flag', ['build', 'profile.yaml', '--ofline']],
  ['an unknown format', ['plan', 'profile.yaml', '--format', 'xml']],
])('%s is wrong usage: exit 2, said on stderr, no stack', async (_name, args) => {
  const { exitCode, stdout, stderr } = await runCli(args)
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).not.toBe('')
  expect(stderr).not.toMatch(/^\s+at /m)
})

test.each([
  ['init', ['init', 'TAKEN']],
  ['validate', ['validate', 'BAD']],
  ['lock', ['lock', 'BAD']],
  ['plan', ['plan', 'BAD']],
  ['build', ['build', 'BAD', '--offline']],
  ['replace', ['replace', 'BAD', '--node', 'lab-1', '--offline']],
  ['inspect', ['inspect', 'MISSING']],
  ['test', ['test', 'BAD']],
  ['explain', ['explain', 'P9999']],
])('%s --format json: a fault is one JSON document on stdout', async (_name, args) => {
  const taken = join(folder, 'taken')
  const bad = join(folder, 'bad.yaml')
  await runCli(['init', taken])
  await writeFile(bad, 'apiVersion: appliance/v1alpha1\nclustr: {}\n')
  const named = args.map(
    (arg) => ({ TAKEN: taken, BAD: bad, MISSING: join(folder, 'missing.img') })[arg] ?? arg,
  )
  const { exitCode, stdout, stderr } = await runCli([...named, '--format', 'json'])
  expect([1, 2, 3]).toContain(exitCode)
  expect(JSON.parse(stdout)).toBeTypeOf('object')
  expect(stderr).not.toMatch(/^\s+at /m)
})

test.each([
  ['--color always', ['--color', 'always'], {}, true],
  ['--color never', ['--color', 'never'], {}, false],
  ['a pipe', [], {}, false],
])('colour with %s', async (_name, flags, env, coloured) => {
  const { stderr, stdout } = await runCli(['validate', join(folder, 'none.yaml'), ...flags], { env })
  expect((stderr + stdout).includes(escapeSequence)).toBe(coloured)
})

test.each([
  ['a terminal', {}, true],
  ['a terminal and NO_COLOR', { NO_COLOR: '1' }, false],
])('colour on %s', async (_name, env, coloured) => {
  const command = cliCommand(['validate', join(folder, 'none.yaml')]).map((word) => `'${word}'`)
  const { status, stdout } = spawnSync(
    'script',
    ['--quiet', '--return', '--command', command.join(' '), '/dev/null'],
    {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], TERM: 'xterm', ...env },
    },
  )
  expect(status).toBe(1)
  expect(stdout).toContain('P0001')
  expect(stdout.includes(escapeSequence)).toBe(coloured)
})

test.each([
  ['a folder', async () => folder],
  ['a missing file', async () => join(folder, 'none.yaml')],
  [
    '50 MB of zeros',
    async () => {
      const path = join(folder, 'large.yaml')
      await writeFile(path, '')
      await truncate(path, 50_000_000)
      return path
    },
  ],
  [
    'bytes that are no text',
    async () => {
      const path = join(folder, 'binary.yaml')
      await writeFile(path, Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a]))
      return path
    },
  ],
  [
    'a billion laughs',
    async () => {
      const path = join(folder, 'laughs.yaml')
      const levels = Array.from(
        { length: 20 },
        (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(9)}*a${level}]`,
      )
      await writeFile(path, ['a0: &a0 ha', ...levels, ''].join('\n'))
      return path
    },
  ],
])('%s as a profile: an error within seconds, no stack', async (_name, make) => {
  const startedAt = Date.now()
  const { exitCode, stderr } = await runCli(['validate', await make()])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^error\[P\d{4}\]: /m)
  expect(stderr).not.toMatch(/^\s+at /m)
  // Hours where it is expanded; how little it takes of the processor is measured with the fixtures of all codes.
  expect(Date.now() - startedAt).toBeLessThan(30_000)
})

test('init never overwrites', async () => {
  const directory = join(folder, 'fresh')
  expect((await runCli(['init', directory])).exitCode).toBe(0)
  const path = join(directory, 'profile.yaml')
  const before = await readFile(path, 'utf8')
  expect((await runCli(['init', directory])).exitCode).toBe(3)
  expect(await readFile(path, 'utf8')).toBe(before)
})
