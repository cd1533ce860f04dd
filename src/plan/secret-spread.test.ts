import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { SeedPlan } from './build-plan.ts'
import { planReplacement } from './replacement.ts'
import { planSeed } from './seed-files.ts'
import { plainEtcd, sampleNode, sampleProfile } from './testing.ts'

const sample = sampleProfile()
const [server, agent] = [sampleNode(sample, 'bakery-1'), sampleNode(sample, 'oven-1')]

/** Clusters of one to four servers and up to six agents, some with tokens of their own, in any order of the nodes. */
const clusters: fc.Arbitrary<ResolvedProfile> = fc
  .record({
    servers: fc.integer({ min: 1, max: 4 }),
    tokens: fc.array(
      fc.option(
        fc.record({ expires: fc.constantFrom(null, '2020-01-01T00:00:00Z', '2040-01-01T00:00:00Z') }),
      ),
      { maxLength: 6 },
    ),
    order: fc.infiniteStream(fc.nat()),
  })
  .map(({ servers, tokens, order }) => {
    const nodes: readonly ResolvedNode[] = [
      ...Array.from({ length: servers }, (_, index) => ({ ...server, name: `s${index}` })),
      ...tokens.map((bootstrapToken, index) => ({ ...agent, name: `a${index}`, bootstrapToken })),
    ]
    const shuffled = nodes
      .map((node) => ({ node, key: order.next().value ?? 0 }))
      .sort((a, b) => a.key - b.key)
      .map(({ node }) => node)
    return sampleProfile({
      nodes: shuffled,
      cluster: { ...sample.cluster, datastore: servers > 1 ? plainEtcd : { kind: 'sqlite' } },
    })
  })

const referencesOf = ({ files, install }: SeedPlan): readonly string[] =>
  [...files, ...install].flatMap(({ content }) => (content.kind === 'state' ? [content.reference.name] : []))

const isOfCa = (name: string): boolean => name.startsWith('pki/')

/** What only the node that it is named for may hold; the first server also announces the tokens of agents. */
const ownerOf = (name: string): string | undefined =>
  /^(?:node-password|token\/bootstrap)\/(.+)$/.exec(name)?.[1]

test('no agent holds anything of a CA, the token of servers or a manifest of tokens', () => {
  fc.assert(
    fc.property(clusters, (profile) => {
      for (const node of profile.nodes.filter(({ role }) => role === 'agent')) {
        const names = referencesOf(planSeed(profile, node))
        expect(names.filter((name) => isOfCa(name) || name === 'token/server')).toEqual([])
        expect(names.filter((name) => name.startsWith('bootstrap-token/'))).toEqual([])
        const token = node.bootstrapToken === null ? 'token/agent' : `token/bootstrap/${node.name}`
        expect(names).toEqual([`node-password/${node.name}`, token])
      }
    }),
  )
})

test('keys of CAs and manifests are on the one server that starts the cluster, and on no other', () => {
  fc.assert(
    fc.property(clusters, (profile) => {
      const holders = profile.nodes.filter((node) => referencesOf(planSeed(profile, node)).some(isOfCa))
      expect(holders.map(({ name }) => name)).toEqual([
        profile.nodes.find(({ role }) => role === 'server')?.name,
      ])
    }),
  )
})

test("each node holds its own node password and bootstrap token, and no other's", () => {
  fc.assert(
    fc.property(clusters, (profile) => {
      for (const node of profile.nodes) {
        const owners = referencesOf(planSeed(profile, node)).map(ownerOf)
        expect([...new Set(owners.filter((owner) => owner !== undefined))]).toEqual([node.name])
      }
    }),
  )
})

test('a replacement never holds more than the image that it replaces', () => {
  fc.assert(
    fc.property(clusters, (profile) => {
      const plan = { nodes: profile.nodes.map(({ name }) => ({ name })) } as never
      for (const node of profile.nodes) {
        const before = referencesOf(planSeed(profile, node))
        const after = referencesOf(planReplacement(profile, plan, node.name, []).seed)
        expect(after.filter((name) => !before.includes(name))).toEqual([])
      }
    }),
  )
})

test('a node that is added changes the seed of no other, unless it brings a token to announce', () => {
  fc.assert(
    fc.property(clusters, fc.boolean(), (profile, withToken) => {
      const added = { ...agent, name: 'late', bootstrapToken: withToken ? { expires: null } : null }
      const later = { ...profile, nodes: [...profile.nodes, added] }
      const changed = profile.nodes.filter(
        (node) => JSON.stringify(planSeed(profile, node)) !== JSON.stringify(planSeed(later, node)),
      )
      const first = profile.nodes.find(({ role }) => role === 'server')
      expect(changed.map(({ name }) => name)).toEqual(withToken ? [first?.name] : [])
    }),
  )
})
