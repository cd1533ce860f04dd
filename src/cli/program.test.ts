import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Cancelled, EnvironmentFault, StepFault } from '../diagnostics/fault.ts'
import { createTestHost } from '../host/testing.ts'
import { Secret } from '../materialise/secrets.ts'
import { commandTable } from './command-table.ts'
import { resourcePath } from './resources.ts'
import { runInProcess } from './testing/run-program.ts'

const lab = resourcePath('profiles/lab.yaml')
const bad = resourcePath('src/diagnostics/testdata/errors/R0101-duplicate-name/profile.yaml')

test('help and version end well, on stdout', async () => {
  const help = await runInProcess(['--help'])
  expect(help).toMatchObject({ exitCode: 0, stderr: '' })
  for (const { name } of commandTable) expect(help.stdout).toContain(`  ${name} `)
  expect(await runInProcess(['--version'])).toMatchObject({ exitCode: 0, stdout: '0.0.0-test\n' })
})

test.each([
  [['validat', lab], 'Did you mean validate?'],
  [['validate'], "missing required argument 'profile'"],
  [['validate', lab, 'more'], 'too many arguments'],
  [['validate', lab, '--format', 'xml'], 'Allowed choices are text, json'],
  [['validate', lab, '--nod', 'x'], "unknown option '--nod'"],
  [['test', lab, '--accel', 'hvf'], 'Allowed choices are auto, kvm, tcg'],
  [[], 'Usage: appliance'],
])('wrong usage: %j', async (argv, said) => {
  const run = await runInProcess(argv)
  expect(run).toMatchObject({ exitCode: 2, stdout: '' })
  expect(run.stderr).toContain(said)
})

test('validate says what it found', async () => {
  const run = await runInProcess(['validate', lab])
  expect(run).toMatchObject({ exitCode: 0, stdout: '' })
  expect(run.stderr).toContain('lab.yaml: ok: lab, 1 server, 1 agent')
})

test('validate of a faulty profile: exit 1, frames on stderr', async () => {
  const run = await runInProcess(['validate', bad])
  expect(run).toMatchObject({ exitCode: 1, stdout: '' })
  expect(run.stderr).toContain('profile.yaml:8:13\n')
  expect(run.stderr).toContain('error[R0101]')
  expect(run.stderr).toMatch(/^1 error$/m)
})

test('validate --format json: one document on stdout, nothing on stderr', async () => {
  const run = await runInProcess(['validate', bad, '--format', 'json'])
  expect(run).toMatchObject({ exitCode: 1, stderr: '' })
  expect(JSON.parse(run.stdout)).toMatchObject({
    ok: false,
    diagnostics: [
      {
        code: 'R0101',
        severity: 'error',
        file: bad,
        line: 8,
        column: 13,
        endLine: 8,
        endColumn: 18,
        related: [{ line: 7 }],
      },
    ],
  })
  const good = await runInProcess(['validate', lab, '--format', 'json'])
  expect(JSON.parse(good.stdout)).toEqual({ ok: true, diagnostics: [] })
})

const colourStart = '\u001b['

test.each([
  [{ isTTY: true }, [], true],
  [{ isTTY: false }, [], false],
  [{ isTTY: true, environment: { NO_COLOR: '1' } }, [], false],
  [{ isTTY: true, environment: { NO_COLOR: '' } }, [], true],
  [{ isTTY: true, environment: { TERM: 'dumb' } }, [], false],
  [{ isTTY: false }, ['--color', 'always'], true],
  [{ isTTY: true }, ['--color', 'never'], false],
])('colour: %j %j -> %s', async (settings, flags, colored) => {
  const run = await runInProcess(['validate', bad, ...flags], settings)
  expect(run.stderr.includes(colourStart)).toBe(colored)
})

test('only lock, build, replace, bundle and test may open sockets, and build not with --offline', async () => {
  const offline = async (...argv: string[]) => (await runInProcess(argv)).settings?.offline
  expect(await offline('validate', lab)).toBe(true)
  expect(await offline('explain', 'P0107')).toBe(true)
  const build = commandTable.find(({ name }) => name === 'build')
  expect(build?.offline({})).toBe(false)
  expect(build?.offline({ offline: true })).toBe(true)
  expect(commandTable.filter((entry) => !entry.offline({})).map(({ name }) => name)).toEqual([
    'lock',
    'build',
    'replace',
    'bundle',
    'test',
  ])
})

const failWith = (error: unknown) => (): never => {
  throw error
}

/** A host on which the first look at a file fails in this way. */
const brokenHost = (error: unknown) => {
  const host = createTestHost({})
  return { ...host, files: { ...host.files, list: failWith(error) } }
}

test.each([
  [new EnvironmentFault('no space is left', 'free some'), 3, ['error: no space is left', 'help: free some']],
  [
    new StepFault('mkfs failed', {
      replay: 'mkfs.vfat x',
      lastLines: ['bad disk'],
      logPath: '/var/log/x',
      help: 'try again',
    }),
    4,
    ['error: mkfs failed', 'replay: mkfs.vfat x', '| bad disk', 'log: /var/log/x', 'help: try again'],
  ],
  [new Cancelled('SIGINT'), 130, ['interrupted']],
  [
    new TypeError('x is not a function'),
    70,
    ['internal error: x is not a function', 'this is a bug in appliance 0.0.0-test', '--verbose'],
  ],
])('%s: exit %i', async (error, exitCode, said) => {
  const run = await runInProcess(['validate', lab], { createHost: () => brokenHost(error) })
  expect(run.exitCode).toBe(exitCode)
  for (const text of said) expect(run.stderr).toContain(text)
  expect(run.stderr).not.toContain('    at ')
})

test('a crash shows its stack only with --verbose', async () => {
  const run = await runInProcess(['validate', lab, '--verbose'], {
    createHost: () => brokenHost(new TypeError('x')),
  })
  expect(run.stderr).toMatch(/TypeError: x\n +at /)
})

test('a fault with --format json is a document on stdout', async () => {
  const fault = new EnvironmentFault('no space is left', 'free some')
  const run = await runInProcess(['validate', lab, '--format', 'json'], {
    createHost: () => brokenHost(fault),
  })
  expect(JSON.parse(run.stdout)).toEqual({
    fault: { kind: 'environment', message: 'no space is left', help: 'free some' },
  })
})

test.each([
  ['a fault', [], (secret: string) => new EnvironmentFault(`refused ${secret}`, `not ${secret}`)],
  ['a failed step', [], (secret: string) => new StepFault('x', { lastLines: [secret], replay: secret })],
  ['a crash', ['--verbose'], (secret: string) => new TypeError(secret)],
  ['a fault as JSON', ['--format', 'json'], (secret: string) => new StepFault(`"${secret}"`)],
])('%s shows no secret', async (_, flags, makeError) => {
  const secret = `top "secret" ${randomBytes(8).toString('hex')}`
  new Secret(secret)
  const run = await runInProcess(['validate', lab, ...flags], {
    createHost: () => brokenHost(makeError(secret)),
  })
  expect(run.exitCode).not.toBe(0)
  expect(run.stdout + run.stderr).toContain('[redacted]')
  expect(run.stdout + run.stderr).not.toContain(secret.slice(-16))
})

test('a secret in the profile is an error, with --allow-literal-secrets a warning that does not show it', async () => {
  const profile = resourcePath('src/diagnostics/testdata/errors/R1001-k3s/profile.yaml')
  const refused = await runInProcess(['validate', profile])
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toContain('error[R1001]')
  const allowed = await runInProcess(['validate', profile, '--allow-literal-secrets'])
  expect(allowed.exitCode).toBe(0)
  expect(allowed.stderr).toContain('warning[R1001]')
  const strict = await runInProcess(['validate', profile, '--allow-literal-secrets', '--strict'])
  expect(strict.exitCode).toBe(1)
  for (const { stdout, stderr } of [refused, allowed, strict]) {
    for (const secret of ['my-s3-key', 'db-secret', 'hook-secret'])
      expect(stdout + stderr).not.toContain(secret)
  }
})
