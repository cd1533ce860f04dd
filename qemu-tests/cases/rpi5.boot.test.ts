import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { planOf, prove, requirePassed } from '../support/proof.ts'
import { slow as test } from '../support/slow-test.ts'
import type { Workspace } from '../support/workspace.ts'
import { buildWorkspace } from '../support/workspace.ts'

let host: NodeHost
let workspace: Workspace

beforeAll(async () => {
  host = createNodeHost()
  workspace = await buildWorkspace('rpi5')
})

afterAll(async () => {
  await host.close()
})

test('Raspberry Pi 5: the kernel of the backports with pages of 16 KiB starts all that the base and the payload hold', async () => {
  const { plan } = await planOf(host, workspace)
  const [base] = plan.bases
  expect(base?.kernel).toMatchObject({ source: 'backports', pages: '16k' })
  const { verdict } = await prove(host, workspace, { boots: 1 })
  requirePassed(verdict)
  const console = await readFile(join(workspace.imageDirectory, 'test/card-1/console.log'), 'utf8')
  expect(console).toContain(`Linux version ${base?.kernel.release} `)
})
