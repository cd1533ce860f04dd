import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import type { Planner } from './testing/planner.ts'
import { createPlanner } from './testing/planner.ts'

let host: TestHost
let planner: Planner
let images: string

/** The recipes of this repository and one more: a terminal with a Compute Module 4 in it. */
beforeAll(async () => {
  host = createTestHost()
  images = await mkdtemp(join(tmpdir(), 'appliance-boards-'))
  await cp(fileURLToPath(new URL('../../images', import.meta.url)), images, { recursive: true })
  const recipe = parse(await readFile(join(images, 'boards/rpi4.yaml'), 'utf8'))
  const [module] = recipe.firmware.deviceTrees.filter(
    ({ model }: { readonly model: string }) => model === 'Compute Module 4',
  )
  const firmware = { ...recipe.firmware, deviceTrees: [{ ...module, model: 'Terminal 1', memoryMib: 1024 }] }
  await writeFile(
    join(images, 'boards/terminal.yaml'),
    stringify({ ...recipe, title: 'Terminal', firmware, kernelArguments: ['console=tty0', 'quiet'] }),
  )
  planner = await createPlanner(host, images)
})
afterAll(async () => {
  await host.close()
  await rm(images, { recursive: true })
})

const profile = (datastore: string): string => `apiVersion: appliance/v1alpha1
cluster: { name: market, k3s: { version: v1.33.1+k3s1${datastore} }, state: { encryption: none } }
nodes:
  - { name: till-1, role: server, board: rpi4, network: { address: 10.0.0.11/24, gateway: 10.0.0.1, dns: [10.0.0.1] } }
  - { name: till-2, role: agent, board: terminal, pi: { model: Terminal 1, bluetooth: false } }
access:
  users:
    - { name: ops, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com] }
`

test('a new board is a recipe, not code', () => {
  expect(planner.validate(profile(''))).toEqual([])
  const plan = planner.plan(profile(''))
  const boot = plan?.boots.find(({ board }) => board === 'terminal')
  expect(boot?.files.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['a/bcm2711-rpi-cm4-io.dtb', 'a/cmdline.txt', 'config.txt', 'start4.elf']),
  )
  expect(boot?.files.map(({ path }) => path)).not.toContain('a/bcm2711-rpi-4-b.dtb')
  const cmdline = boot?.files.find(({ path }) => path === 'a/cmdline.txt')?.content
  expect(cmdline).toMatchObject({ text: expect.stringMatching(/ console=tty0 quiet .*module_blacklist=/) })
  const [other, own] = plan?.nodes ?? []
  expect(own?.disk.diskGuid).not.toBe(other?.disk.diskGuid)
})

test('what a new recipe says of its models, rules go by', () => {
  const asServer = profile(', datastore: { kind: etcd }').replace(
    'role: server, board: rpi4',
    'role: server, board: terminal',
  )
  expect(planner.validate(asServer).map(({ code }) => code)).toContain('R1740')
  const misnamed = profile('').replace('model: Terminal 1', 'model: Terminal 2')
  expect(planner.validate(misnamed)).toMatchObject([{ code: 'R1705', help: 'did you mean `Terminal 1`?' }])
})
