import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lockedProfile, readRepositoryFile } from './testing/locked-profile.ts'
import type { RunningCli } from './testing/run-cli.ts'
import { runCli, startCli, testArtifacts } from './testing/run-cli.ts'

let folder: string
let profile: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'appliance-interrupt-'))
  profile = await lockedProfile(folder, await readRepositoryFile('profiles/quickstart.yaml'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const cacheOf = (environment: NodeJS.ProcessEnv): string =>
  environment['APPLIANCE_CACHE'] ??
  join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'appliance')

const build = (output: string, env: Readonly<Record<string, string>> = {}): RunningCli =>
  startCli(['build', profile, '--artifacts', testArtifacts, '-o', output], { env })

const buildWhole = async (output: string): Promise<void> => {
  const { exitCode, stderr } = await build(output).ended
  expect(exitCode, stderr).toBe(0)
}

/** Processes that name the path on their command line. A zombie has none any more. */
const processesAt = (path: string): readonly string[] =>
  readdirSync('/proc').flatMap((pid) => {
    try {
      const command = /^\d+$/.test(pid)
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        : ''
      return command.includes(path) ? [command] : []
    } catch {
      return []
    }
  })

const mountsAt = async (path: string): Promise<readonly string[]> =>
  (await readFile('/proc/mounts', 'utf8')).split('\n').filter((line) => line.includes(path))

test('a build that is killed or interrupted while it makes a base leaves no process, mount or half output', async () => {
  const cache = join(folder, 'cache')
  const output = join(folder, 'out-base')
  await mkdir(cache)
  await symlink(join(cacheOf(process.env), 'store'), join(cache, 'store'))
  const untilBase = async (running: RunningCli): Promise<void> => {
    await expect.poll(() => running.said(), { timeout: 120_000 }).toMatch(/^base /m)
    await expect.poll(() => processesAt(cache), { timeout: 60_000 }).not.toEqual([])
    await sleep(4000)
  }

  const killed = build(output, { APPLIANCE_CACHE: cache })
  await untilBase(killed)
  killed.child.kill('SIGKILL')
  await killed.ended
  await expect.poll(() => processesAt(cache), { timeout: 10_000 }).toEqual([])
  expect(await mountsAt(cache)).toEqual([])

  const interrupted = build(output, { APPLIANCE_CACHE: cache })
  await untilBase(interrupted)
  interrupted.child.kill('SIGINT')
  expect((await interrupted.ended).exitCode).toBe(130)
  await expect.poll(() => processesAt(cache), { timeout: 10_000 }).toEqual([])
  expect(await mountsAt(cache)).toEqual([])
  expect(existsSync(output)).toBe(false)
  // The interrupted run swept what the killed one had left, and itself.
  expect(await readdir(join(cache, 'tmp')).catch(() => [])).toEqual([])
})

const digests = async (directory: string): Promise<Readonly<Record<string, string>>> => {
  const names = await readdir(directory).catch(() => [])
  const entries = names
    .filter((name) => !name.startsWith('.'))
    .map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(directory, name)))
        .digest('hex'),
    ])
  return Object.fromEntries(entries)
}

test('a build killed at any moment leaves outputs absent or whole, and the next one makes the same bytes', async () => {
  const output = join(folder, 'out')
  const cluster = join(output, 'quickstart')
  await buildWhole(output)
  const whole = await digests(cluster)
  expect(Object.keys(whole).sort()).toEqual(['SHA256SUMS', 'build.json', 'kubeconfig', 'node-1.img'])

  const startedAt = Date.now()
  await rm(output, { recursive: true })
  await buildWhole(output)
  const names = (await readdir(cluster)).sort()
  const cachedMs = Date.now() - startedAt
  expect(await digests(cluster)).toEqual(whole)

  for (const part of [0.5, 0.7, 0.85, 0.95]) {
    await rm(output, { recursive: true, force: true })
    const running = build(output)
    await Promise.race([sleep(cachedMs * part), running.ended])
    running.child.kill('SIGKILL')
    await running.ended
    expect(whole, `killed after ${part} of a build`).toMatchObject(await digests(cluster))
  }
  await buildWhole(output)
  expect(await digests(cluster)).toEqual(whole)
  expect((await readdir(cluster)).sort()).toEqual(names)
})

test('offline: what the cache lacks is named with the command that fetches it, and no socket is opened', async () => {
  const { exitCode, stderr } = await runCli(
    ['build', profile, '--offline', '-o', join(folder, 'out-offline')],
    {
      env: {
        APPLIANCE_CACHE: join(folder, 'empty'),
        http_proxy: 'http://127.0.0.1:9',
        https_proxy: 'http://127.0.0.1:9',
      },
    },
  )
  expect([1, 3]).toContain(exitCode)
  expect(stderr).toMatch(/k3s|deb/)
  expect(stderr).toMatch(/appliance (lock|build)|without --offline/)
})
