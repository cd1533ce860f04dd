import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { ResolvedNode, ResolvedProfile } from '../resolve/resolved-profile.ts'
import { isSecret } from './build-plan.ts'
import { planSeed } from './seed-files.ts'
import { externalDatastore, plainEtcd, sampleNode, sampleProfile } from './testing.ts'

const sample = sampleProfile()
const [server, agent] = [sampleNode(sample, 'bakery-1'), sampleNode(sample, 'oven-1')]

/** In the order of the table's columns. */
const other = { ...server, name: 'bakery-2' }
const nodes: readonly ResolvedNode[] = [
  server,
  other,
  agent,
  { ...agent, name: 'oven-2', bootstrapToken: { expires: null } },
]
const clusterOn = (datastore: ResolvedProfile['cluster']['datastore']): ResolvedProfile =>
  sampleProfile({ nodes, cluster: { ...sample.cluster, datastore } })
const joined = clusterOn(plainEtcd)
const roles: readonly { readonly profile: ResolvedProfile; readonly node: ResolvedNode }[] = [
  { profile: joined, node: server },
  { profile: joined, node: other },
  { profile: clusterOn(externalDatastore), node: other },
  ...nodes.slice(2).map((node) => ({ profile: joined, node })),
]

/** `node-password/oven-1` of oven-1 -> `node-password/<node>`: what a row of the table is about. */
const rowOf = (name: string, node: string): string => {
  if (name === 'pki/service.key') return name
  if (/^pki\/.+\.key$/.test(name)) return 'pki/<ca>.key'
  if (/^bootstrap-token\/.+\.yaml$/.test(name)) return 'bootstrap-token/<agent>.yaml'
  return name.endsWith(`/${node}`) ? `${name.slice(0, -node.length)}<node>` : name
}

const planned = ({ profile, node }: (typeof roles)[number]): ReadonlySet<string> =>
  new Set(
    planSeed(profile, node).install.flatMap(({ content }) =>
      content.kind === 'state' && isSecret(content) ? [rowOf(content.reference.name, node.name)] : [],
    ),
  )

const rows = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, name = '', , ...cells]) => ({
    name: name.replaceAll('`', ''),
    holders: cells.slice(0, roles.length).map((cell) => ({ yes: true, no: false })[cell]),
  }))

test("the table of docs/security.md says what each role's seed holds", () => {
  const held = roles.map(planned)
  const names = new Set(held.flatMap((set) => [...set]))
  expect(rows.map(({ name }) => name).toSorted()).toEqual([...names].toSorted())
  for (const { name, holders } of rows) {
    expect(holders, name).toEqual(held.map((set) => set.has(name)))
  }
})
