import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import { oneServer, pinnedProfile } from './testing/pinned-profile.ts'
import { runInProcess } from './testing/run-program.ts'

let host: TestHost
let site: string
let profile: string
beforeEach(async () => {
  host = createTestHost()
  site = await host.files.makeTemporaryDirectory('site-')
  const cluster = { name: 'lab', fingerprint: 'ab'.repeat(16) }
  profile = await pinnedProfile(host, site, oneServer('  state: { encryption: none }'), cluster)
})
afterEach(() => host.close())

test('plan does not promise to make the state of a cluster that the lock knows', async () => {
  const { stdout } = await runInProcess(['plan', profile])
  expect(stdout).toMatch(/state\.json, not encrypted: missing, though the lock knows this cluster/)
  expect(stdout).not.toContain('made by the first build')
})

test('pki show names the place and the copy, not a first build', async () => {
  const { exitCode, stdout } = await runInProcess(['pki', 'show', profile, '--format', 'json'])
  expect(exitCode).toBe(3)
  expect(JSON.parse(stdout).fault).toMatchObject({
    code: 'L0101',
    place: expect.stringMatching(/lab\.yaml:3:\d+$/),
    help: expect.stringContaining('from your copy'),
  })
})

test('a new cluster is made for all nodes or for none', async () => {
  const { exitCode, stderr } = await runInProcess(['build', profile, '--new-cluster', '--node', 'lab-1'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('leave out --node')
  expect(await host.files.stat(join(site, '.appliance'))).toBeUndefined()
})
