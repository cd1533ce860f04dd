import { expect, test } from 'vitest'
import type { Verdict } from '../../src/proof/verdict.ts'
import { requirePassed } from '../support/proof.ts'
import { buildWorkspace, runTest } from '../support/workspace.ts'

test('arm64 server and agent: the agent joins with its label and taint, and again after a restart', async () => {
  const workspace = await buildWorkspace('arm64-cluster')
  const { exitCode, stdout } = await runTest(workspace, '--format', 'json')
  const verdict = JSON.parse(stdout) as Verdict
  requirePassed(verdict)
  expect(exitCode).toBe(0)
  expect(verdict.nodes.map(({ node, role }) => [node, role])).toEqual([
    ['bakery-1', 'server'],
    ['oven-1', 'agent'],
  ])
})
