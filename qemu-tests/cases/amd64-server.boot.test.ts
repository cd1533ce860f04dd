import { expect, test } from 'vitest'
import { buildWorkspace, runTest } from '../support/workspace.ts'

test('amd64 single server: two boots, told as JUnit', async () => {
  const workspace = await buildWorkspace('amd64-server')
  const { exitCode, stdout } = await runTest(workspace, '--format', 'junit')
  expect(exitCode, stdout).toBe(0)
  expect(stdout).toContain('<testsuite name="amd64-server.mill-1"')
  expect(stdout).not.toContain('<failure')
})
