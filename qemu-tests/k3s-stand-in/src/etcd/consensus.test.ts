import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import type { KubeObject, Member } from '../server/document.ts'
import { emptyDocument } from '../server/document.ts'
import type { Saved } from './consensus.ts'
import { Consensus } from './consensus.ts'
import { Unreachable } from './messages.ts'

const timing = { heartbeatMs: 5, electionMs: 60, promotionMs: 20, changeMs: 3000 }

const memberOf = (name: string): Member => ({
  name: `${name}-00000000`,
  node: name,
  address: name,
  api: `${name}:6443`,
  learner: false,
})

const secret = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name } })

/** Members in one process; a message is a copy, as over a network. */
class Cluster {
  readonly members = new Map<string, Consensus>()
  readonly saved = new Map<string, Saved>()
  readonly removed = new Set<string>()
  readonly #off = new Set<string>()

  begin(node: string): void {
    const member = memberOf(node)
    this.start(node, { term: 0, votedFor: null, document: emptyDocument('c', [member]) })
  }

  start(node: string, saved: Saved | undefined = this.saved.get(node)): void {
    const { name } = memberOf(node)
    this.#off.delete(node)
    const consensus = new Consensus({
      name,
      saved: saved ?? { term: 0, votedFor: null, document: emptyDocument('c') },
      save: (latest) => this.saved.set(node, structuredClone(latest)),
      call: async (to, path, body) => {
        const target = this.members.get(to.node)
        if (target === undefined || this.#off.has(to.node) || this.#off.has(node))
          throw new Unreachable(to.name)
        await sleep(0)
        return structuredClone(await target.answer(path, structuredClone(body)))
      },
      timing,
      onRemoved: () => this.removed.add(node),
    })
    this.members.set(node, consensus)
    consensus.start()
  }

  stop(node: string): void {
    this.#off.add(node)
    this.members.get(node)?.stop()
  }

  at(node: string): Consensus {
    const found = this.members.get(node)
    if (found === undefined) throw new Error(`no member ${node}`)
    return found
  }

  async join(node: string, through: string): Promise<void> {
    this.start(node)
    await this.at(through).change({ kind: 'add', member: memberOf(node) })
    await until(() => this.at(node).isVoter && this.at(node).hasLeader)
  }

  put(node: string, name: string): Promise<void> {
    return this.at(node).change({ kind: 'put', key: `secrets/${name}`, value: secret(name) })
  }

  has(node: string, name: string): boolean {
    return this.at(node).document.objects[`secrets/${name}`] !== undefined
  }
}

const until = async (condition: () => boolean, ms = 20_000): Promise<void> => {
  for (const end = performance.now() + ms; !condition(); await sleep(2)) {
    if (performance.now() > end) throw new Error('it never came')
  }
}

let cluster: Cluster
afterEach(() => {
  for (const node of cluster.members.keys()) cluster.stop(node)
})

const three = async (): Promise<void> => {
  cluster = new Cluster()
  cluster.begin('a')
  await cluster.join('b', 'a')
  await cluster.join('c', 'b')
}

test('one member writes at once', async () => {
  cluster = new Cluster()
  cluster.begin('a')
  await cluster.put('a', 'x')
  expect(cluster.has('a', 'x')).toBe(true)
})

test('what one member takes, whoever asked it sees at once, and the others soon', async () => {
  await three()
  for (const node of ['a', 'b', 'c']) {
    await cluster.put(node, `from-${node}`)
    expect(cluster.has(node, `from-${node}`)).toBe(true)
  }
  for (const node of ['a', 'b', 'c'])
    await until(() => ['a', 'b', 'c'].every((from) => cluster.has(node, `from-${from}`)))
})

test('without its leader the cluster goes on; without a majority it takes no change and says so', async () => {
  await three()
  await cluster.put('a', 'before')
  cluster.stop('a')
  await until(() => cluster.at('b').hasLeader && cluster.has('b', 'before'))
  await cluster.put('b', 'after')
  await until(() => cluster.has('c', 'after'))
  cluster.stop('b')
  await until(() => !cluster.at('c').hasLeader)
  await expect(cluster.put('c', 'never')).rejects.toThrow(/etcdserver: (no leader|request timed out)/)
  expect(cluster.has('c', 'never')).toBe(false)
  cluster.start('b')
  await cluster.put('c', 'again')
  cluster.start('a')
  await until(() => cluster.has('a', 'again') && cluster.has('a', 'before'))
})

test('all members find each other again after all were off', async () => {
  await three()
  await cluster.put('c', 'kept')
  for (const node of ['a', 'b', 'c']) cluster.stop(node)
  for (const node of ['c', 'b', 'a']) cluster.start(node)
  await cluster.put('b', 'more')
  for (const node of ['a', 'b', 'c'])
    await until(() => cluster.has(node, 'kept') && cluster.has(node, 'more'))
})

test('a name that is taken and a second learner are refused', async () => {
  cluster = new Cluster()
  cluster.begin('a')
  const twin = { ...memberOf('a'), name: 'a-11111111', address: 'elsewhere' }
  await expect(cluster.at('a').change({ kind: 'add', member: twin })).rejects.toThrow('duplicate node name')
  // `b` and `c` never start: the one that waits to catch up keeps the other out.
  await cluster.at('a').change({ kind: 'add', member: memberOf('b') })
  await expect(cluster.at('a').change({ kind: 'add', member: memberOf('c') })).rejects.toThrow(
    'too many learner',
  )
})

test('a member that was taken out is told, and its name is free', async () => {
  await three()
  cluster.stop('a')
  await cluster.at('b').change({ kind: 'remove', node: 'a' })
  const old = cluster.saved.get('a')
  if (old === undefined) throw new Error('nothing was saved')
  cluster.start('a', old)
  await until(() => cluster.removed.has('a'))
  cluster.stop('a')
  cluster.saved.delete('a')
  cluster.removed.clear()
  await cluster.join('a', 'c')
  await cluster.put('a', 'anew')
  await until(() => cluster.has('b', 'anew'))
  expect(cluster.removed).toEqual(new Set())
})
