import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildWorkspace, runTest } from '../support/workspace.ts'

test('amd64 single server with user data of its own: two boots, told as JUnit', async () => {
  const workspace = await buildWorkspace('amd64-server')
  const { exitCode, stdout } = await runTest(workspace, '--format', 'junit')
  expect(exitCode, stdout).toBe(0)
  expect(stdout).toContain('<testsuite name="amd64-server.mill-1"')
  expect(stdout).not.toContain('<failure')
  const console = await readFile(join(workspace.imageDirectory, 'test/mill-1/console.log'), 'utf8')
  expect(console.match(/the scale starts/g)).toHaveLength(2)
  expect(console.match(/the scale has 640 kg kiosk/g)).toHaveLength(1)
})
