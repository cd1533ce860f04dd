import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import { oneServer, pinnedProfile } from '../testing/pinned-profile.ts'
import { runInProcess } from '../testing/run-program.ts'

let host: TestHost
let site: string
let profile: string
beforeEach(async () => {
  host = createTestHost()
  site = await host.files.makeTemporaryDirectory('site-')
  profile = await pinnedProfile(host, site, oneServer('  state: { encryption: none }'))
})
afterEach(() => host.close())

const render = (...flags: string[]) => runInProcess(['render', profile, ...flags])

test('all documents are headed by their names; one alone can be given to another program', async () => {
  const all = await render('--node', 'lab-1')
  expect(all.exitCode).toBe(0)
  expect(all.stdout).toMatch(
    /^==> meta-data <==\ninstance-id: lab-lab-1-[0-9a-f]{16}\n[\s\S]*\n==> user-data <==\n#cloud-config\n/,
  )
  const one = await render('--node', 'lab-1', '--document', 'user-data')
  expect(one.stdout.startsWith('#cloud-config\n')).toBe(true)
  expect(parse(one.stdout)).toMatchObject({ users: [{ name: 'ops' }] })
})

test('as JSON and as files they say the same, and no state is made', async () => {
  const output = join(site, 'documents')
  const { stdout, exitCode } = await render('--node', 'lab-1', '--format', 'json', '-o', output)
  expect(exitCode).toBe(0)
  const { documents } = JSON.parse(stdout) as { documents: { name: string; text: string }[] }
  expect(documents.map(({ name }) => name)).toEqual(['meta-data', 'user-data'])
  for (const { name, text } of documents) expect(await host.files.readText(join(output, name))).toBe(text)
  expect(await host.files.stat(join(site, '.appliance'))).toBeUndefined()
})

test.each([
  ['no node', [], "required option '--node <name>'"],
  ['an unknown node', ['--node', 'lab-2'], 'the profile has no node lab-2; its nodes: lab-1'],
  [
    'an unknown document',
    ['--node', 'lab-1', '--document', 'vendor-data'],
    'there is no document vendor-data; the front end reads: meta-data, user-data',
  ],
])('%s is wrong usage', async (_, flags, message) => {
  const { exitCode, stderr, stdout } = await render(...flags)
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr).toContain(message)
})
