import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { prove, requirePassed } from '../support/proof.ts'
import { buildWorkspace } from '../support/workspace.ts'

let host: NodeHost

beforeAll(() => {
  host = createNodeHost()
})

afterAll(async () => {
  await host.close()
})

test('no default route: the node makes one of its own, and k3s starts', async () => {
  const workspace = await buildWorkspace('no-gateway')
  const { verdict, boots } = await prove(host, workspace, { boots: 2 })
  requirePassed(verdict)
  for (const boot of boots('island-1')) {
    const routes = boot.facts?.get('routes') ?? ''
    expect(routes).toMatch(/^default .*dummy/m)
    expect(routes).not.toContain('default via 192.168.20.')
  }
})
