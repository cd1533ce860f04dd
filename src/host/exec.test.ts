import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { Cancelled, EnvironmentFault, StepFault } from '../diagnostics/fault.ts'
import { registerSecret } from './redaction.ts'
import type { TestHost } from './testing.ts'
import { createTestHost } from './testing.ts'

const hosts: TestHost[] = []
const makeHost = (...script: Parameters<typeof createTestHost>): TestHost => {
  const host = createTestHost(...script)
  hosts.push(host)
  return host
}
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.close()
})

/** A zombie that its parent has not asked after yet has ended, too. */
const isAlive = (pid: number): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

const faultOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

test('hands over output, lines and a log, in a minimal environment', async () => {
  const host = makeHost({ environment: { PATH: process.env['PATH'], SECRET: 'x' } })
  const folder = await host.files.makeTemporaryDirectory('exec-')
  const lines: string[] = []
  const result = await host.exec(['sh', '-c', 'echo out; echo err >&2; echo "$SECRET$LC_ALL$TZ$A"'], {
    env: { A: '1' },
    logFile: join(folder, 'log'),
    onLine: (line) => lines.push(line),
  })
  expect(result).toEqual({ stdout: 'out\nC.UTF-8UTC1\n', stderr: 'err\n', exitCode: 0 })
  expect([...lines].sort()).toEqual(['C.UTF-8UTC1', 'err', 'out'])
  const log = await host.files.readText(join(folder, 'log'))
  expect(log).toMatch(/^\$ A=1 sh -c /)
  expect(log).toContain('out\n')
})

test('reads and writes files without a pipe, and takes text', async () => {
  const host = makeHost()
  const folder = await host.files.makeTemporaryDirectory('exec-')
  const [from, to] = [join(folder, 'in'), join(folder, 'out')]
  await host.files.writeAtomic(from, 'content')
  await host.exec(['cat'], { stdinFile: from, stdoutFile: to })
  expect(await host.files.readText(to)).toBe('content')
  expect((await host.exec(['cat'], { input: 'text' })).stdout).toBe('text')
})

test('a failure carries the line that replays it and the last 20 lines', async () => {
  const fault = await faultOf(makeHost().exec(['sh', '-c', 'seq 1 30; exit 3'], { doing: 'count' }))
  expect(fault).toBeInstanceOf(StepFault)
  expect(fault).toMatchObject({
    message: expect.stringMatching(/^cannot count: sh ended with exit code 3 /),
    replay: "sh -c 'seq 1 30; exit 3'",
    lastLines: Array.from({ length: 20 }, (_, index) => String(index + 11)),
  })
})

test('an exit code that is allowed is a result', async () => {
  expect((await makeHost().exec(['sh', '-c', 'exit 3'], { okCodes: [0, 3] })).exitCode).toBe(3)
})

test('a missing program names the package that has it', async () => {
  const fault = await faultOf(makeHost({ environment: {} }).exec(['/nowhere/sqfstar']))
  expect(fault).toBeInstanceOf(EnvironmentFault)
  expect(fault).toMatchObject({ help: expect.stringContaining('apt-get install squashfs-tools') })
})

test.each([
  ['a signal', undefined, 'cancelled'],
  ['a timeout', 3000, 'did not end within 3 s'],
])('%s ends a program and what it started', async (_name, timeoutMs, message) => {
  const pids: number[] = []
  const abort = new AbortController()
  // The grandchild ignores the polite signal: it must go all the same.
  const argv = ['sh', '-c', `sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done' & echo $$; wait`]
  const fault = await faultOf(
    makeHost().exec(argv, {
      signal: abort.signal,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      onLine: (line) => {
        pids.push(Number(line))
        if (pids.length === 2 && timeoutMs === undefined) abort.abort()
      },
    }),
  )
  expect(fault).toMatchObject({ message: expect.stringContaining(message) })
  expect(pids).toHaveLength(2)
  await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([])
})

test('a child that outlives its program does not hold up the result', async () => {
  const startedAt = performance.now()
  const { stdout, exitCode } = await makeHost().exec(['sh', '-c', 'sleep 600 & echo $!'], {
    doing: 'leave a child',
  })
  expect(exitCode).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(30_000)
  await expect.poll(() => isAlive(Number(stdout))).toBe(false)
})

test('nothing starts after a cancel', async () => {
  const fault = await faultOf(makeHost({ signal: AbortSignal.abort() }).exec(['true']))
  expect(fault).toBeInstanceOf(Cancelled)
})

test('neither the fault nor the log of a program shows a secret that it prints', async () => {
  const host = makeHost()
  const folder = await host.files.makeTemporaryDirectory('exec-')
  const secret = `s3cret-${Date.now()}-${process.pid}`
  registerSecret(secret)
  const logFile = join(folder, 'log')
  const fault = await faultOf(
    host.exec(['sh', '-c', 'echo "refused: $VALUE" >&2; echo "$VALUE" | base64; exit 1'], {
      env: { VALUE: secret },
      logFile,
    }),
  )
  expect(fault).toBeInstanceOf(StepFault)
  const shown = JSON.stringify([fault, await host.files.readText(logFile)])
  expect(shown).toContain('refused: [redacted]')
  expect(shown).not.toContain(secret)
  expect(shown).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20))
})
