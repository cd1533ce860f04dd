import { afterAll, beforeAll, expect } from 'vitest'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { prove, requirePassed } from '../support/proof.ts'
import { slow as test } from '../support/slow-test.ts'
import type { Workspace } from '../support/workspace.ts'
import { buildWorkspace } from '../support/workspace.ts'

let host: NodeHost
let workspace: Workspace

beforeAll(async () => {
  host = createNodeHost()
  workspace = await buildWorkspace('rpi3')
})

afterAll(async () => {
  await host.close()
})

/** Up to four starts with an emulated card and USB, each of which takes half an hour at most on a busy host. */
const timeout = 7_200_000

test('Raspberry Pi 3: starts from its SD card, by what lies on its own boot partition, twice', {
  timeout,
}, async () => {
  const { verdict, boots } = await prove(host, workspace, { boots: 2 })
  requirePassed(verdict)
  const [result] = verdict.nodes
  expect(result?.checks.filter(({ name, passed }) => name === 'mbr-kept' && passed)).toHaveLength(2)
  const facts = boots('card-1').at(-1)?.facts
  expect(facts?.get('disk')).toMatch(/^mmcblk\d /)
})
