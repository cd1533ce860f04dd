import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import { openState } from '../../materialise/state/state.ts'
import { pinnedProfile } from '../testing/pinned-profile.ts'
import type { ProgramRun } from '../testing/run-program.ts'
import { runInProcess } from '../testing/run-program.ts'

const text = `apiVersion: appliance/v1alpha1
cluster:
  name: lab
  k3s: { version: v1.33.1+k3s1 }
  state: { encryption: none }
defaults: { board: arm64-uefi }
nodes:
  - { name: lab-1, role: server }
  - { name: lab-2, role: agent }
  - { name: lab-3, role: agent, bootstrapToken: { expires: 2026-06-01T00:00:00Z } }
access:
  users:
    - { name: ops, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com] }
`

let host: TestHost
let site: string
let profile: string
beforeEach(async () => {
  host = createTestHost()
  site = await host.files.makeTemporaryDirectory('replace-')
  profile = await pinnedProfile(host, site, text)
})
afterEach(() => host.close())

const makeState = async (): Promise<void> => {
  await openState(host, join(site, '.appliance', 'lab'), {
    cluster: 'lab',
    pki: { form: 'chain', authority: null },
    stateProtection: { kind: 'plain' },
  })
}
const replace = (...flags: readonly string[]): Promise<ProgramRun> =>
  runInProcess(['replace', profile, '-o', join(site, 'out'), '--offline', ...flags])
const outputs = (): Promise<readonly string[]> => host.files.list(site)

test.each([
  ['no node', [], '--node'],
  ['a node the profile lacks', ['--node', 'lab-9'], 'the profile has no node lab-9'],
  [
    'the only server without a word on its data',
    ['--node', 'lab-1'],
    'Name a copy of its datastore with --backup',
  ],
  ['both words', ['--node', 'lab-1', '--backup', 'x', '--new-datastore'], 'contradict each other'],
  ['an agent with a backup', ['--node', 'lab-2', '--backup', 'x'], 'lab-2 has no datastore'],
  ['an agent with a new datastore', ['--node', 'lab-2', '--new-datastore'], 'lab-2 has no datastore'],
])('wrong usage, code B1101 where data is meant: %s', async (_, flags, why) => {
  await makeState()
  const { exitCode, stdout, stderr } = await replace(...flags)
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain(why)
})

test('B1103: a cluster without a state has nothing to replace a node of, and gets none', async () => {
  const { exitCode, stderr } = await replace('--node', 'lab-2')
  expect(exitCode).toBe(3)
  expect(stderr).toContain('error[B1103]')
  expect(await outputs()).toEqual(['lab.lock.yaml', 'lab.yaml'])
})

test('B1102: a backup that cannot be used is told before anything is made', async () => {
  await makeState()
  const { exitCode, stderr } = await replace('--node', 'lab-1', '--backup', profile)
  expect(exitCode).toBe(3)
  expect(stderr).toContain('error[B1102]')
  expect(await outputs()).not.toContain('out')
})

test('R1109: a card whose own token has ended is not made; the fault shows the line of the profile', async () => {
  await makeState()
  const { exitCode, stderr } = await runInProcess(['replace', profile, '--node', 'lab-3'], {
    host: { nowMs: Date.parse('2026-06-01T00:00:00Z') },
  })
  expect(exitCode).toBe(3)
  expect(stderr).toContain('error[R1109]')
  expect(stderr).toContain('lab.yaml:10:')
})

test('the codes are in the catalogue', async () => {
  for (const code of ['B1101', 'B1102', 'B1103', 'R1109']) {
    expect((await runInProcess(['explain', code])).exitCode).toBe(0)
  }
})
