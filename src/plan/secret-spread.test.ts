import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import type { SeedPlan } from './build-plan.ts'
import { manifestsFolder } from './build-plan.ts'
import { planReplacement } from './replacement.ts'
import { planSeed } from './seed-files.ts'
import { externalDatastore, plainEtcd, sampleNode, sampleProfile } from './testing.ts'

const sample = sampleProfile()
const [server, agent] = [sampleNode(sample, 'bakery-1'), sampleNode(sample, 'oven-1')]

/**
 * Clusters of one to four servers and up to six agents, some with tokens of their own, in any order of the nodes, on any
 * datastore.
 */
const clusters: fc.Arbitrary<ResolvedProfile> = fc
  .record({
    servers: fc.integer({ min: 1, max: 4 }),
    isExternal: fc.boolean(),
    tokens: fc.array(
      fc.option(
        fc.record({ expires: fc.constantFrom(null, '2020-01-01T00:00:00Z', '2040-01-01T00:00:00Z') }),
      ),
      { maxLength: 6 },
    ),
    order: fc.infiniteStream(fc.nat()),
  })
  .map(({ servers, isExternal, tokens, order }) => {
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
      cluster: {
        ...sample.cluster,
        datastore: isExternal ? externalDatastore : servers > 1 ? plainEtcd : { kind: 'sqlite' },
      },
    })
  })

const referencesOf = ({ documents, files, install }: SeedPlan): readonly string[] =>
  [...documents, ...files, ...install].flatMap(({ content }) =>
    content.kind === 'state' ? [content.reference.name] : [],
  )

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

test('keys of CAs are on the one server that starts the cluster, or on all of which any may; manifests on one', () => {
  fc.assert(
    fc.property(clusters, (profile) => {
      const holders = profile.nodes.filter((node) => referencesOf(planSeed(profile, node)).some(isOfCa))
      const servers = profile.nodes.filter(({ role }) => role === 'server').map(({ name }) => name)
      const { kind } = profile.cluster.datastore
      expect(holders.map(({ name }) => name)).toEqual(kind === 'external' ? servers : servers.slice(0, 1))
      const deployers = profile.nodes.filter((node) =>
        planSeed(profile, node).install.some(({ target }) => target.startsWith(manifestsFolder)),
      )
      expect(servers.slice(0, 1)).toEqual(expect.arrayContaining(deployers.map(({ name }) => name)))
    }),
  )
})

test('the login to an external datastore is on every server, and on no agent', () => {
  fc.assert(
    fc.property(clusters, (profile) => {
      for (const node of profile.nodes) {
        const secrets = planSeed(profile, node).install.flatMap(({ content }) =>
          content.kind === 'composed'
            ? content.parts.flatMap((part) => (typeof part === 'string' ? [] : [part.secret.at]))
            : [],
        )
        const logsIn = node.role === 'server' && profile.cluster.datastore.kind === 'external'
        expect(secrets).toEqual(logsIn ? ['cluster.k3s.datastore.endpoint', 'cluster.k3s.datastore.key'] : [])
      }
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
      const plan = {
        nodes: profile.nodes.map((node) => ({ name: node.name, seed: planSeed(profile, node) })),
      } as never
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
