import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import { createSecretReader } from '../materialise/secrets/reader.ts'
import type { ClusterState } from '../materialise/state/state.ts'
import { checkState, openClusterState } from './cluster-state.ts'
import { loadPlan } from './load-plan.ts'
import { oneServer, pinnedProfile } from './testing/pinned-profile.ts'
import { runInProcess } from './testing/run-program.ts'

let host: TestHost
let site: string
let profile: string
beforeEach(async () => {
  host = createTestHost()
  site = await host.files.makeTemporaryDirectory('site-')
  profile = await pinnedProfile(host, site, oneServer('  state: { encryption: none }'))
})
afterEach(() => host.close())

const terminal = { out: () => undefined, err: () => undefined, colorOut: false, colorErr: false }

/** What `build` does before anything else. */
const open = async (newCluster = false, at: TestHost = host): Promise<ClusterState> => {
  const [loaded, faults] = await loadPlan(at, profile, { allowLiteralSecrets: false })
  if (loaded === undefined) throw new Error(JSON.stringify(faults.map(({ message }) => message)))
  const request = { profile, output: join(site, 'out'), newCluster, terminal }
  await checkState(at, loaded, request)
  return openClusterState(at, loaded, createSecretReader(at, site), request)
}
const lockPath = (): string => join(site, 'lab.lock.yaml')
const statePath = (): string => join(site, '.appliance', 'lab', 'state.json')

test('the first build writes the fingerprint into the lock; the next one writes nothing', async () => {
  const first = await open()
  const lock = await host.files.readText(lockPath())
  expect(lock).toContain(`cluster:\n  name: lab\n  fingerprint: ${first.fingerprint}\n`)
  const before = await host.files.stat(lockPath())
  const second = await open()
  expect([second.isNew, second.fingerprint]).toEqual([false, first.fingerprint])
  expect(await host.files.stat(lockPath())).toEqual(before)
})

test('a lost state stops the build; --new-cluster makes another cluster', async () => {
  const first = await open()
  await host.files.remove(join(site, '.appliance'))
  await expect(open()).rejects.toMatchObject({
    code: 'L0101',
    place: expect.stringMatching(/lab\.yaml:\d+:\d+$/),
  })
  expect(await host.files.stat(join(site, '.appliance'))).toBeUndefined()
  const second = await open(true)
  expect(second.fingerprint).not.toBe(first.fingerprint)
  expect(await host.files.readText(lockPath())).toContain(second.fingerprint)
})

test('an earlier build in the output folder tells of a cluster, too', async () => {
  await host.files.makeDirectory(join(site, 'out', 'lab'))
  await host.files.writeAtomic(join(site, 'out', 'lab', 'build.json'), '{}')
  await expect(open()).rejects.toMatchObject({
    code: 'L0101',
    message: expect.stringContaining('build.json'),
  })
  expect((await open(true)).isNew).toBe(true)
})

test('a state of another cluster is refused; --new-cluster keeps it beside the new one', async () => {
  await open()
  const lock = (await host.files.readText(lockPath())) ?? ''
  const state = (await host.files.readText(statePath())) ?? ''
  await open(true)
  await host.files.writeAtomic(lockPath(), lock)
  await expect(open()).rejects.toMatchObject({ code: 'L0102' })
  const kept = (await host.files.list(join(site, '.appliance', 'lab'))).filter(
    (name) => name !== 'state.json',
  )
  expect(kept).toEqual([expect.stringMatching(/^state\.json\.\d{8}T\d{6}Z$/)])
  expect(await host.files.readText(join(site, '.appliance', 'lab', kept[0] ?? ''))).toBe(state)
})

test('pins that were written while a build opened its state stay', async () => {
  const [loaded] = await loadPlan(host, profile)
  if (loaded === undefined) throw new Error('no plan')
  const newer = (await host.files.readText(lockPath()))?.replace('2026-05-06', '2026-06-07') ?? ''
  await host.files.writeAtomic(lockPath(), newer)
  const request = { profile, output: join(site, 'out'), newCluster: false, terminal }
  const { fingerprint } = await openClusterState(host, loaded, createSecretReader(host, site), request)
  expect(await host.files.readText(lockPath())).toBe(
    `${newer}cluster:\n  name: lab\n  fingerprint: ${fingerprint}\n`,
  )
})

test('a lock that cannot be written is told of and stops nothing', async () => {
  const closed: TestHost = {
    ...host,
    files: {
      ...host.files,
      writeAtomic: async (path, ...rest) => {
        if (path !== lockPath()) return host.files.writeAtomic(path, ...rest)
        const { EnvironmentFault } = await import('../diagnostics/fault.ts')
        throw new EnvironmentFault('EROFS', 'Choose a folder that can be written.')
      },
    },
  }
  expect((await open(false, closed)).isNew).toBe(true)
  expect(host.lines.join('\n')).toContain('lab.lock.yaml cannot be written')
})

test('a build warns of what ends within 180 days, and plan shows it without asking', async () => {
  await open()
  const late = Date.UTC(2026, 0, 1) + (20 * 365 - 100) * 24 * 60 * 60 * 1000
  const lateHost = createTestHost({ nowMs: late })
  await open(false, lateHost)
  expect(lateHost.lines.join('\n')).toMatch(
    /warn: the certificate server-ca ends in 1\d\d days \(20\d\d-.*appliance pki renew/,
  )
  await lateHost.close()
  const { stdout, exitCode } = await runInProcess(['plan', profile], { host: { nowMs: late } })
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^state .*state\.json, not encrypted$/m)
  expect(stdout).toMatch(/^ +server-ca +ends 20\d\d-\d\d-\d\d +in 1\d\d days$/m)
  expect(stdout).toMatch(/warning: the certificate server-ca ends/)
})

test('plan of an encrypted state says so, and says nothing secret', async () => {
  const run = () => runInProcess(['plan', profile], { environment: { HOME: '/nonexistent' } })
  await pinnedProfile(host, site, oneServer('  # the default'))
  expect((await run()).stdout).toMatch(/state\.age, encrypted with a passphrase: made by the first build/)
  await host.files.makeDirectory(join(site, '.appliance', 'lab'))
  const sealed = 'age-encryption.org/v1\n-> scrypt c2FsdHNhbHRzYWx0c2FsdA 18\nYm9keQ\n--- bWFj\n'
  await host.files.writeAtomic(join(site, '.appliance', 'lab', 'state.age'), sealed)
  expect((await run()).stdout).toMatch(/expiry dates are not known \(it is encrypted\)/)
  const json = await runInProcess(['plan', profile, '--format', 'json'])
  expect(JSON.parse(json.stdout).stateProtection).toEqual({ kind: 'passphrase', passphrase: null })
})
