import { expect, test } from 'vitest'
import type { NodePlan } from '../../plan/build-plan.ts'
import type { WorkloadEvidence } from '../evidence.ts'
import { sampleBoot, sampleNode } from '../testing/sample.ts'
import { deployChecks, isDeployed, manifestChecks } from './workload-checks.ts'

const folder = '/var/lib/rancher/k3s/server/manifests'
const sum = (letter: string): string => letter.repeat(64)
const entry: NodePlan['seed']['install'][number] = {
  target: `${folder}/database.yaml`,
  mode: 0o600,
  content: { kind: 'composed', parts: [{ secret: { at: 'a', source: { env: 'X' } }, as: 'text' }] },
}
const node: NodePlan = {
  ...sampleNode,
  seed: { ...sampleNode.seed, install: [...sampleNode.seed.install, entry] },
  expect: {
    ...sampleNode.expect,
    addOns: [
      { name: 'oven', file: `${folder}/oven.yaml`, sha256: sum('a') },
      { name: 'database', file: entry.target, sha256: null },
    ],
  },
}

const addOn = (name: string, checksum: string) => ({ name, checksum })
const good: WorkloadEvidence = {
  addOns: [addOn('oven', sum('a')), addOn('database', sum('c')), addOn('coredns', sum('d'))],
  charts: [{ name: 'traefik', sha256: null, failed: null }],
}

const bootWith = (workloads: WorkloadEvidence | undefined) => {
  const boot = sampleBoot(1)
  if (boot.api === undefined) throw new Error('the sample has no API')
  return { ...boot, api: workloads === undefined ? boot.api : { ...boot.api, workloads } }
}

test.each([
  [`600 root:root ${sum('a')} ${folder}/oven.yaml`, 'all 1'],
  [`644 root:root ${sum('a')} ${folder}/oven.yaml`, `${folder}/oven.yaml: 644 root:root`],
  [`600 root:root ${sum('b')} ${folder}/oven.yaml`, `${folder}/oven.yaml has other content`],
  ['', `${folder}/oven.yaml is missing`],
])('a manifest of the payload on a node that says %j', (manifests, actual) => {
  expect(manifestChecks(sampleBoot(1, { manifests }), node)['manifests-placed']).toMatchObject({
    passed: actual === 'all 1',
    actual,
  })
})

test.each([
  ['all applied', good, 'all 2'],
  ['one unknown', { ...good, addOns: good.addOns.slice(1) }, 'oven is not known to k3s'],
  [
    'one not applied yet',
    { ...good, addOns: [addOn('oven', ''), addOn('database', sum('c'))] },
    'oven has not been applied: `kubectl -n kube-system get events` says why',
  ],
  [
    'other content',
    { ...good, addOns: [addOn('oven', sum('b')), addOn('database', sum('c'))] },
    'oven was applied with other content',
  ],
  ['no answer', undefined, 'oven is not known to k3s; database is not known to k3s'],
])('AddOns: %s', (_, workloads, actual) => {
  expect(isDeployed(node, workloads)).toBe(actual === 'all 2')
  expect(deployChecks(bootWith(workloads), node)['manifests-applied']).toMatchObject({
    passed: actual === 'all 2',
    actual,
  })
})

test('a chart that k3s gave up is named with the reason', () => {
  const failed = {
    ...good,
    charts: [...good.charts, { name: 'oven', sha256: null, failed: 'no such value' }],
  }
  expect(deployChecks(bootWith(good), node)['charts-accepted']?.passed).toBe(true)
  expect(deployChecks(bootWith(failed), node)['charts-accepted']).toMatchObject({
    passed: false,
    actual: 'oven: no such value',
  })
})

test('what deploys nothing is not judged', () => {
  expect({
    ...manifestChecks(sampleBoot(1), sampleNode),
    ...deployChecks(sampleBoot(1), sampleNode),
  }).toEqual({})
})
