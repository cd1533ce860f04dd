import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import { oneServer, pinnedProfile } from './testing/pinned-profile.ts'
import { runInProcess } from './testing/run-program.ts'

let host: TestHost
let site: string
beforeEach(async () => {
  host = createTestHost()
  site = await host.files.makeTemporaryDirectory('site-')
})
afterEach(() => host.close())

const proxied = `${oneServer('  state: { encryption: none }')}site: { proxy: { https: { env: PROXY_URL } } }\n`

test.each([
  ['that is not set', {}, 'the variable PROXY_URL is not set'],
  ['with a space, where none may be', { PROXY_URL: 'http://proxy of.example.com' }, 'white space'],
])('a secret %s ends the build before a cluster is made', async (_name, environment, why) => {
  const profile = await pinnedProfile(host, site, proxied)
  const { exitCode, stdout, stderr } = await runInProcess(['build', profile, '--format', 'json'], {
    environment,
  })
  expect(exitCode).toBe(3)
  expect(JSON.parse(stdout).fault).toMatchObject({
    code: 'B1002',
    place: expect.stringMatching(/lab\.yaml:11:\d+$/),
    message: expect.stringContaining(why),
  })
  expect(stdout + stderr).not.toContain('proxy of')
  expect(await host.files.stat(join(site, '.appliance', 'lab', 'state.json'))).toBeUndefined()
  expect(await host.files.readText(join(site, 'lab.lock.yaml'))).not.toContain('fingerprint')
})
