import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { seedContents } from '../assemble/seed.ts'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import type { Materials } from '../materialise/materials.ts'
import { openState } from '../materialise/state/state.ts'
import type { NodePlan } from '../plan/build-plan.ts'
import { planSeed } from '../plan/seed-files.ts'
import { sampleNode, sampleProfile } from '../plan/testing.ts'
import type { ResolvedNode } from '../resolve/resolved-profile.ts'

const yearMs = 365 * 24 * 60 * 60 * 1000
const start = Date.parse('2026-11-22T12:00:00Z')
const sample = sampleProfile({ site: { ...sampleProfile().site, proxy: null } })
const [server, agent] = [sampleNode(sample, 'bakery-1'), sampleNode(sample, 'oven-1')]
const own = (name: string): ResolvedNode => ({ ...agent, name, bootstrapToken: { expires: null } })

const hosts: TestHost[] = []
let folder: string
beforeEach(async () => {
  folder = await hostAt(start).files.makeTemporaryDirectory('late-node-')
})
afterEach(async () => {
  for (const host of hosts.splice(0).toReversed()) await host.close()
})
const hostAt = (nowMs: number): TestHost => {
  const host = createTestHost({ nowMs })
  hosts.push(host)
  return host
}

/** Every byte of the seeds of these nodes, as a build at that time would write them. */
const seedsAt = async (
  nowMs: number,
  nodes: readonly ResolvedNode[],
): Promise<ReadonlyMap<string, string>> => {
  const host = hostAt(nowMs)
  const profile = sampleProfile({ site: sample.site, nodes })
  const planned = nodes.map(
    (node) =>
      ({
        name: node.name,
        bootstrapToken: node.bootstrapToken,
        seed: planSeed(profile, node),
      }) as NodePlan,
  )
  const state = await openState(host, join(folder, '.appliance', 'bakery'), {
    cluster: 'bakery',
    pki: { form: 'chain', authority: null },
    stateProtection: { kind: 'plain' },
    nodes: planned,
  })
  const seeds = new Map<string, string>()
  for (const node of planned) {
    const files = await seedContents(host, { state } as Materials, node)
    const bytes = files.map(({ path, source }) => `${path} ${Buffer.from(source).toString('base64')}`)
    seeds.set(node.name, bytes.join('\n'))
  }
  return seeds
}

const changes = (
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] => [...before.keys()].filter((name) => before.get(name) !== after.get(name))

test('a node that is added a year later changes no byte of the seeds of the others', async () => {
  const nodes = [server, agent, own('oven-2')]
  const before = await seedsAt(start, nodes)
  const after = await seedsAt(start + yearMs, [...nodes, { ...agent, name: 'oven-3' }])
  expect(changes(before, after)).toEqual([])
  expect(after.has('oven-3')).toBe(true)
})

test('with a token of its own it changes that of the first server alone, which announces the token', async () => {
  const nodes = [server, agent, own('oven-2')]
  const before = await seedsAt(start, nodes)
  const after = await seedsAt(start + yearMs, [...nodes, own('oven-3')])
  expect(changes(before, after)).toEqual(['bakery-1'])
})

test('a new end leaves the card of its agent as it is', async () => {
  const before = await seedsAt(start, [server, own('oven-1')])
  const ended = { ...agent, name: 'oven-1', bootstrapToken: { expires: '2040-01-01T00:00:00Z' } }
  expect(changes(before, await seedsAt(start + yearMs, [server, ended]))).toEqual(['bakery-1'])
})

test("no seed holds a byte string of another node's secrets", async () => {
  const nodes = [server, agent, own('oven-2'), own('oven-3')]
  const seeds = await seedsAt(start, nodes)
  const host = hostAt(start)
  const state = JSON.parse(
    (await host.files.readText(join(folder, '.appliance', 'bakery', 'state.json'))) ?? '{}',
  )
  const contentOf = (name: string): string =>
    (seeds.get(name) ?? '')
      .split('\n')
      .map((line) => Buffer.from(line.split(' ')[1] ?? '', 'base64').toString())
      .join('\n')
  const secretOf = (node: string): string =>
    state.bootstrapTokens.find((token: { node: string }) => token.node === node).secret
  for (const [node, foreign] of [
    ['oven-1', [state.tokens.server, secretOf('oven-2'), secretOf('oven-3')]],
    ['oven-2', [state.tokens.server, state.tokens.agent, secretOf('oven-3')]],
    ['oven-3', [state.tokens.server, state.tokens.agent, secretOf('oven-2')]],
  ] as const) {
    for (const value of [...foreign, 'PRIVATE KEY', state.clusterSecret])
      expect(contentOf(node).includes(value), `${node} holds a secret of another`).toBe(false)
  }
  expect(contentOf('oven-2')).toContain(secretOf('oven-2'))
  expect(contentOf('bakery-1')).toContain('PRIVATE KEY')
})
