import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runInProcess } from '../testing/run-program.ts'
import { clusterNameFrom } from './init.ts'

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com'
let home = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'appliance-init-'))
})
afterEach(() => rm(home, { recursive: true }))

const init = (directory: string) => runInProcess(['init', directory], { environment: { HOME: home } })

test('the starter profile lacks only a key', async () => {
  const directory = join(home, 'My Site')
  expect(await init(directory)).toMatchObject({ exitCode: 0, stdout: '' })
  const run = await runInProcess(['validate', join(directory, 'profile.yaml')])
  expect(run.exitCode).toBe(1)
  expect(run.stderr.match(/error\[\w+\]/g)).toEqual(['error[R0401]'])
})

test('with a key in ~/.ssh the starter profile is valid at once', async () => {
  await mkdir(join(home, '.ssh'))
  await writeFile(join(home, '.ssh', 'id_ed25519.pub'), `${key}\n`)
  await writeFile(join(home, '.ssh', 'broken.pub'), 'ssh-ed25519 AAAA me\n')
  const directory = join(home, 'site')
  await init(directory)
  expect(await readFile(join(directory, 'profile.yaml'), 'utf8')).toContain(`        - ${key}\n`)
  expect(await runInProcess(['validate', '--strict', join(directory, 'profile.yaml')])).toMatchObject({
    exitCode: 0,
  })
})

test('with every example line switched on the starter profile is valid, too', async () => {
  await mkdir(join(home, '.ssh'))
  await writeFile(join(home, '.ssh', 'id_ed25519.pub'), `${key}\n`)
  await init(home)
  const path = join(home, 'profile.yaml')
  const text = (await readFile(path, 'utf8'))
    .replace(/^( *)network: \{ dhcp: true \}\n/m, '')
    .replace(
      /^( *)# (?=(network|endpoint|disable|ntp|images|- name| {2}(extra|manifests|role|labels)):)/gm,
      '$1',
    )
  expect(text).not.toMatch(/^ *# +(network|endpoint|disable|ntp|images|extra|manifests|role|labels):/m)
  // The second node of the example needs an address of its own once static addresses are used.
  await writeFile(
    path,
    text.replace(/( +)role: agent\n/, '$1role: agent\n$1network: { address: 192.168.10.12/24 }\n'),
  )
  const run = await runInProcess(['validate', path])
  expect(run.stderr).toContain(': ok: ')
})

test('an existing profile is never overwritten', async () => {
  await writeFile(join(home, 'profile.yaml'), 'mine')
  const run = await init(home)
  expect(run.exitCode).toBe(3)
  expect(run.stderr).toContain('never overwritten')
  expect(await readFile(join(home, 'profile.yaml'), 'utf8')).toBe('mine')
})

test.each([
  ['My Site', 'my-site'],
  ['--', 'cluster'],
  ['Bäckerei 7', 'b-ckerei-7'],
  ['x'.repeat(100), 'x'.repeat(50)],
])('%s names the cluster %s', (folder, name) => {
  expect(clusterNameFrom(folder)).toBe(name)
})
