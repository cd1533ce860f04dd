import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { canonicalJson } from '../../src/plan/canonical-json.ts'
import type { Kubeconfig } from '../../src/proof/kubeconfig.ts'
import { parseKubeconfig } from '../../src/proof/kubeconfig.ts'
import type { Lab } from '../../src/proof/lab.ts'
import { openLab } from '../../src/proof/lab.ts'
import { patienceOf } from '../../src/proof/watch-boot.ts'
import type { Running } from '../support/lab.ts'
import { factsOf, switchOff, switchOn } from '../support/lab.ts'
import { deleteNode, listNodes, namesWith } from '../support/nodes-api.ts'
import { planOf } from '../support/proof.ts'
import { slow } from '../support/slow-test.ts'
import type { Workspace } from '../support/workspace.ts'
import { appliance, artifactsDirectory, buildWorkspace } from '../support/workspace.ts'

const servers = { 'bakery-1': '192.168.10.11', 'bakery-2': '192.168.10.12', 'bakery-3': '192.168.10.13' }
const serverNames = Object.keys(servers)
const everyName = [...serverNames, 'oven-1']
const successor = 'bakery-1-anew'
/** What makes a server itself; everything else must be equal on all of them. */
const own = ['node-name', 'node-ip', 'advertise-address', 'tls-san', 'cluster-init', 'server']

const figures: string[] = []
const startedAt = performance.now()
let host: NodeHost
let workspace: Workspace
let lab: Lab
let kubeconfig: Kubeconfig
let running = new Map<string, Running>()

/** A second card for the first server, as `appliance replace` makes it. */
const writeSuccessor = async ({ profile, output, imageDirectory }: Workspace): Promise<void> => {
  const flags = ['--node', 'bakery-1', '--artifacts', artifactsDirectory, '-o', output]
  await appliance`node dist/main.js replace ${profile} ${flags}`
  await host.files.remove(join(imageDirectory, `${successor}.img`))
  await host.exec(
    [
      'cp',
      '--reflink=auto',
      '--sparse=auto',
      join(imageDirectory, 'bakery-1.replacement.img'),
      join(imageDirectory, `${successor}.img`),
    ],
    { doing: 'name an image' },
  )
}

beforeAll(async () => {
  host = createNodeHost()
  workspace = await buildWorkspace('ha')
  await writeSuccessor(workspace)
  const { plan, models } = await planOf(host, workspace)
  const [first] = plan.nodes
  if (first === undefined) throw new Error('no node')
  const nodes = [...plan.nodes, { ...first, name: successor, first: false }]
  kubeconfig = parseKubeconfig(await readFile(join(workspace.imageDirectory, 'kubeconfig'), 'utf8'))
  lab = await openLab(
    host,
    { ...plan, nodes },
    {
      imageDirectory: workspace.imageDirectory,
      nodes,
      models,
      accelerator: 'auto',
      // As many emulated processors as there are machines: more of them only wait for each other.
      processors: 1,
    },
  )
  figures.push(`built and copied in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
})

afterAll(async () => {
  for (const figure of figures) process.stderr.write(`${figure}\n`)
  await lab?.close()
  await host.close()
})

const portOf = (address: string): Promise<number> => lab.forward(address, kubeconfig.port)

/** Looks until nothing is thrown; then throws what the last look threw, with the last lines of every console. */
const eventually = async (look: () => Promise<void>): Promise<void> => {
  // Each look costs an emulated processor a handshake.
  for (const end = performance.now() + patienceOf.tcg.healthyMs; ; await sleep(5000)) {
    try {
      return await look()
    } catch (error) {
      const dead = [...running.values()].some(({ machine }) => machine.console.panic() !== undefined)
      if (!dead && performance.now() < end) continue
      const tails = [...running].flatMap(([name, { machine }]) => ['', name, ...machine.console.tail(20)])
      throw new Error([String(error), ...tails].join('\n'))
    }
  }
}

const untilReady = (address: string, names: readonly string[]): Promise<void> =>
  eventually(async () => {
    const nodes = await listNodes(kubeconfig, await portOf(address))
    expect(namesWith(nodes, 'Ready')).toEqual(names)
  })

/** Every server shows the same cluster to whoever comes with the built kubeconfig. */
const expectOneCluster = async (): Promise<void> => {
  for (const address of Object.values(servers)) {
    await eventually(async () => {
      const nodes = await listNodes(kubeconfig, await portOf(address))
      expect(namesWith(nodes, 'Ready')).toEqual(everyName)
      // k3s says of each server whether its member of etcd votes (pkg/etcd/etcd.go).
      expect(namesWith(nodes, 'EtcdIsVoter')).toEqual(serverNames)
    })
  }
}

/** Switches machines on together, and waits until a server shows all nodes as Ready. */
const startAll = async (names: readonly string[], serverAddress: string): Promise<void> => {
  const began = performance.now()
  for (const name of names) running.set(name, await switchOn(lab, name))
  await untilReady(serverAddress, everyName)
  const used = await Promise.all(names.map((name) => running.get(name)?.machine.usedMs()))
  const seconds = used.map((ms) => ((ms ?? 0) / 1000).toFixed(0)).join(' ')
  figures.push(
    `${names.join(' ')}: all nodes Ready ${((performance.now() - began) / 1000).toFixed(0)} s after power-on, ${seconds} s of their processors`,
  )
}

test('three servers and an agent, switched on together, become one cluster', async () => {
  await startAll(everyName, servers['bakery-1'])
  await expectOneCluster()
  const hashes = new Set<string>()
  const told = await Promise.all(
    [...running].map(async ([name, machine]) => [name, await factsOf(machine)] as const),
  )
  for (const [name, facts] of told) {
    expect(facts.get('failed-units')?.trim(), name).toBe('')
    if (!serverNames.includes(name)) continue
    const config = parse(facts.get('k3s-config') ?? '') as Record<string, unknown>
    const common = Object.fromEntries(Object.entries(config).filter(([key]) => !own.includes(key)))
    expect(common).toMatchObject({ 'secrets-encryption': true, 'etcd-snapshot-retention': 3 })
    hashes.add(createHash('sha256').update(canonicalJson(common)).digest('hex'))
  }
  figures.push(`settings that all servers share: sha256 ${[...hashes].join(', ')}`)
  expect(hashes.size).toBe(1)
  figures.push(
    `one cluster ${((performance.now() - startedAt) / 1000).toFixed(0)} s after the start of the case`,
  )
})

slow('after a power-off of all machines they are one cluster again', async () => {
  await switchOff([...running.values()])
  running = new Map()
  await startAll(everyName, servers['bakery-1'])
  await expectOneCluster()
})

slow('the first server is lost: the others go on, and its successor joins them', async () => {
  const others = [servers['bakery-2'], servers['bakery-3']]
  const lost = running.get('bakery-1')
  if (lost === undefined) throw new Error('bakery-1 is off')
  await switchOff([lost])
  running.delete('bakery-1')
  for (const address of others) await untilReady(address, everyName.slice(1))
  await eventually(async () => deleteNode(kubeconfig, await portOf(servers['bakery-2']), 'bakery-1'))
  await startAll([successor], servers['bakery-2'])
  await expectOneCluster()
})
