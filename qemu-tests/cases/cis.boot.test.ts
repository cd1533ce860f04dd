import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
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

test('a hardened server: kernel, files, modes and flags, with settings of its own', async () => {
  const workspace = await buildWorkspace('cis')
  const { verdict, boots } = await prove(host, workspace, { boots: 2 })
  requirePassed(verdict)
  const names = verdict.nodes.flatMap(({ checks }) => checks.map(({ name }) => name))
  for (const name of ['kernel-parameters', 'hardening-files', 'certificates-closed'])
    expect(names.filter((each) => each === name)).toHaveLength(2)
  for (const boot of boots('vault-1')) {
    const config = parse(boot.facts?.get('k3s-config') ?? '') as Record<string, readonly string[]>
    expect(config['kube-apiserver-arg']).toEqual(
      expect.arrayContaining([
        'enable-admission-plugins=NodeRestriction,EventRateLimit,PodNodeSelector',
        'audit-log-maxage=90',
      ]),
    )
    expect(config['kubelet-arg']).toEqual(expect.arrayContaining(['max-pods=60', 'pod-max-pids=4096']))
    expect(boot.facts?.get('server-modes')).toMatch(/^600 root:root \S+\/logs\/audit\.log$/m)
  }
})
