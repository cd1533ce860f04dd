import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import type { NodePlan } from '../../src/plan/build-plan.ts'
import type { RunningEvidence } from '../../src/proof/evidence.ts'
import type { Lab } from '../../src/proof/lab.ts'
import { openLab } from '../../src/proof/lab.ts'
import type { Running } from '../support/lab.ts'
import { factsOf, statusIn, switchOff, switchOn, untilReady, untilSaid } from '../support/lab.ts'
import { planOf } from '../support/proof.ts'
import type { SeedChanges } from '../support/seed.ts'
import { changeSeed } from '../support/seed.ts'
import { slow } from '../support/slow-test.ts'
import type { Workspace } from '../support/workspace.ts'
import { buildWorkspace } from '../support/workspace.ts'

const serverAddress = '192.168.10.11'
const tokenPath = '/var/lib/appliance/secrets/token'
const refusalMs = 900_000
/** From the last build: long enough for nothing, short enough to have passed when the first machine is up. */
const tokenLifeMs = 60_000

interface Card {
  /** Name of the machine and of its image. */
  readonly machine: string
  /** The node that it was built as. */
  readonly node: string
  readonly changes?: SeedChanges
  readonly changeConf?: (content: string) => string
}

/** The last letter of a secret in a token, replaced by another. */
const withOtherSecret = (token: string): string =>
  token.replace(/.\n$/, (end) => (end.startsWith('0') ? '1\n' : '0\n'))

const withOtherHash = (token: string): string =>
  token.replace(/^K10(.)/, (_all, digit) => `K10${digit === '0' ? '1' : '0'}`)

const cards: readonly Card[] = [
  { machine: 'bakery-1', node: 'bakery-1' },
  { machine: 'oven-1', node: 'oven-1' },
  { machine: 'oven-1-anew', node: 'oven-1' },
  { machine: 'oven-2', node: 'oven-2' },
  {
    machine: 'twin',
    node: 'oven-2',
    changes: {
      '/var/lib/appliance/k3s-config.yaml': (text) => text.replace('node-name: oven-2', 'node-name: oven-1'),
    },
    changeConf: (text) => text.replace("'oven-2'", "'oven-1'"),
  },
  { machine: 'wrong-token', node: 'oven-2', changes: { [tokenPath]: withOtherSecret } },
  { machine: 'wrong-hash', node: 'oven-3', changes: { [tokenPath]: withOtherHash } },
  { machine: 'expired', node: 'oven-3' },
]

const lateNode = `  - name: oven-2
    role: agent
    network: { address: 192.168.10.13/24 }
`

const inSeconds = (milliseconds: number | null): string =>
  milliseconds === null ? '?' : (milliseconds / 1000).toFixed(0)

const figures: string[] = []
let host: NodeHost
let lab: Lab
let images: string
let expiresAt: number
let server: Running
let firstOven: Running

/** What the images are, by node. */
const sumsOf = async ({ imageDirectory }: Workspace): Promise<ReadonlyMap<string, string>> => {
  const text = await readFile(join(imageDirectory, 'SHA256SUMS'), 'utf8')
  return new Map(
    text
      .trim()
      .split('\n')
      .map((line): [string, string] => [line.slice(66), line.slice(0, 64)]),
  )
}

/** A card for each machine: copies of built images, some changed. */
const writeCards = async (workspace: Workspace): Promise<string> => {
  const folder = join(workspace.output, 'cards')
  await rm(folder, { recursive: true, force: true })
  await host.files.makeDirectory(folder)
  await host.files.copy(join(workspace.imageDirectory, 'kubeconfig'), join(folder, 'kubeconfig'))
  for (const { machine, node, changes, changeConf } of cards) {
    const image = join(folder, `${machine}.img`)
    await host.exec(
      ['cp', '--reflink=auto', '--sparse=auto', join(workspace.imageDirectory, `${node}.img`), image],
      { doing: 'copy an image' },
    )
    if (changes !== undefined) await changeSeed(host, image, changes, changeConf)
  }
  return folder
}

const until = async (condition: () => boolean, timeoutMs: number): Promise<void> => {
  for (const end = performance.now() + timeoutMs; !condition() && performance.now() < end; ) await sleep(200)
}

beforeAll(async () => {
  host = createNodeHost()
  expiresAt = Math.floor((Date.now() + tokenLifeMs) / 1000) * 1000
  const expires = new Date(expiresAt).toISOString().replace('.000Z', 'Z')
  const withEnd = (profile: string): string => profile.replace(/expires: [^ ]+/, `expires: ${expires}`)
  const before = await sumsOf(await buildWorkspace('identity', withEnd))
  const workspace = await buildWorkspace('identity', (profile) =>
    withEnd(profile).replace(/\naccess:\n/, `${lateNode}\naccess:\n`),
  )
  const after = await sumsOf(workspace)
  // A node that is added touches no other one.
  for (const name of ['bakery-1.img', 'oven-1.img', 'oven-3.img'])
    expect(after.get(name)).toBe(before.get(name))
  images = await writeCards(workspace)
  const { plan, models } = await planOf(host, workspace)
  const nodes = cards.map(({ machine, node }): NodePlan => {
    const planned = plan.nodes.find(({ name }) => name === node)
    if (planned === undefined) throw new Error(`no node ${node}`)
    return { ...planned, name: machine }
  })
  lab = await openLab(
    host,
    { ...plan, nodes },
    { imageDirectory: images, nodes, models, accelerator: 'auto' },
  )
})

afterAll(async () => {
  for (const figure of figures) process.stderr.write(`${figure}\n`)
  await lab?.close()
  if (images !== undefined) await rm(images, { recursive: true, force: true })
  await host.close()
})

/** Waits until the machine says that it is refused, for this reason and with k3s's own words, and asks it for its status. */
const expectRefused = async (running: Running, meaning: RegExp, words: RegExp): Promise<void> => {
  const told = await untilSaid(running, /^the cluster refuses this node: /, refusalMs)
  const started = running.machine.console.phases().find(({ text }) => text === 'starting k3s agent')
  figures.push(
    `${running.labNode.node.name}: the reason ${((told.atMs - (started?.atMs ?? 0)) / 1000).toFixed(0)} s after k3s was started, ${(told.atMs / 1000).toFixed(0)} s after power-on`,
  )
  expect(told.text).toMatch(meaning)
  expect(told.text).toMatch(words)
  const facts = await factsOf(running)
  const status = statusIn(facts)
  expect(status).toMatchObject({ phase: 'refused', error: expect.stringMatching(meaning) })
  expect(status['error']).toMatch(words)
  expect(facts.get('k3s-active')?.trim()).toBe('activating')
}

/** Also in seconds of the machine's own processors, which a busy host does not change. */
const readyFigure = (name: string, { healthyMs, healthyUsedMs }: RunningEvidence): string =>
  `${name}: ready ${inSeconds(healthyMs)} s after power-on, ${inSeconds(healthyUsedMs)} s of its processors`

const ready = (running: Running) => untilReady(host, lab, images, running, serverAddress)

test('a server, an agent with a bootstrap token, and an agent that was built later join', async () => {
  server = await switchOn(lab, 'bakery-1')
  firstOven = await switchOn(lab, 'oven-1')
  const late = await switchOn(lab, 'oven-2')
  const [own, first, second] = await Promise.all([ready(server), ready(firstOven), ready(late)])
  for (const [name, seen] of Object.entries({ 'bakery-1': own, 'oven-1': first, 'oven-2': second })) {
    figures.push(readyFigure(name, seen))
  }
  await switchOff([late])
})

test('a second machine under a taken name, and one with the hash of another cluster, are refused', async () => {
  const twin = await switchOn(lab, 'twin')
  const wrongHash = await switchOn(lab, 'wrong-hash')
  await Promise.all([
    expectRefused(twin, /another machine has joined as oven-1: /, /k3s: .*Node password rejected/),
    expectRefused(
      wrongHash,
      /has another CA than the one this image was built for/,
      /k3s: .*token CA hash does not match the Cluster CA certificate hash/,
    ),
  ])
  // The rightful one is still there.
  await ready(firstOven)
  await switchOff([twin, wrongHash, firstOven])
})

// The stand-in's own tests show most of it without a machine.
slow(
  'a card written anew joins; a wrong token and a bootstrap token that has ended are refused',
  async () => {
    await until(() => Date.now() > expiresAt, tokenLifeMs)
    const anew = await switchOn(lab, 'oven-1-anew')
    const wrongToken = await switchOn(lab, 'wrong-token')
    const expired = await switchOn(lab, 'expired')
    const [again] = await Promise.all([
      ready(anew),
      expectRefused(
        wrongToken,
        /does not take this node's token: /,
        /k3s: .*(not authorized|401 Unauthorized)/,
      ),
      expectRefused(
        expired,
        /does not take this node's bootstrap token: it has expired/,
        /k3s: .*(not authorized|401 Unauthorized)/,
      ),
    ])
    figures.push(readyFigure('oven-1 on a new card', again))
    await switchOff([anew, wrongToken, expired, server])
  },
)
