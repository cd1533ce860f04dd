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

const wireless = `${oneServer('  state: { encryption: none }')}defaults: { network: { wifi: { ssid: lab, psk: { env: WIFI_PSK }, country: DE } } }\n`

test.each([
  ['short', 'hunter2'],
  ['long', 'correct-horse-battery-staple-'.repeat(3)],
  ['beyond ASCII', 'schlüssel-der-bäckerei'],
])('a passphrase that is %s ends the build before a cluster is made, and is not shown', async (_, value) => {
  const profile = await pinnedProfile(host, site, wireless)
  const { exitCode, stdout, stderr } = await runInProcess(['build', profile, '--format', 'json'], {
    environment: { WIFI_PSK: value },
  })
  expect(exitCode).toBe(3)
  expect(JSON.parse(stdout).fault).toMatchObject({
    code: 'B1230',
    place: expect.stringMatching(/lab\.yaml:\d+:\d+$/),
    message: expect.stringContaining('defaults.network.wifi.psk'),
  })
  expect(stdout + stderr).not.toContain(value)
  expect(await host.files.stat(join(site, '.appliance', 'lab', 'state.json'))).toBeUndefined()
})
