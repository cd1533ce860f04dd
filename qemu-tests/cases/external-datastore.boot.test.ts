import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { NodeHost } from '../../src/host/node-host.ts'
import { createNodeHost } from '../../src/host/node-host.ts'
import { parseKubeconfig } from '../../src/proof/kubeconfig.ts'
import type { Lab } from '../../src/proof/lab.ts'
import { openLab } from '../../src/proof/lab.ts'
import { patienceOf } from '../../src/proof/watch-boot.ts'
import type { DatabaseKind, TestDatabase } from '../support/databases.ts'
import { startDatabase } from '../support/databases.ts'
import { factsOf, statusIn, switchOff, switchOn, untilSaid } from '../support/lab.ts'
import { listNodes, namesWith } from '../support/nodes-api.ts'
import { planOf } from '../support/proof.ts'
import { changeSeed } from '../support/seed.ts'
import { slow } from '../support/slow-test.ts'
import type { Workspace } from '../support/workspace.ts'
import { buildWorkspace } from '../support/workspace.ts'

/** Where the site has the database; the router leads from there to this host. */
const service = { address: '192.168.10.5', port: 5000 }
const servers = { 'bakery-1': '192.168.10.11', 'bakery-2': '192.168.10.12' }
const stranger = 'stranger'
const clientKey = '/var/lib/appliance/datastore/client.key'
const k3sConfig = '/var/lib/appliance/k3s-config.yaml'

/** How a card is changed so that the database refuses it, and what is told. */
const refusals: Readonly<
  Record<DatabaseKind, { readonly change: (config: string) => string; readonly reason: RegExp }>
> = {
  postgres: {
    change: (config) => config.replace('p%40ss', 'p%40sz'),
    reason: /does not let this server in: .*password authentication failed/,
  },
  mysql: {
    change: (config) => config.replace('p@ss', 'p@sz'),
    reason: /does not let this server in: .*Access denied for user/,
  },
  // Without a client certificate: etcd takes nobody.
  etcd: {
    change: (config) => config.replace(/^datastore-(certfile|keyfile): .*\n/gm, ''),
    reason: /certificate required|bad certificate|context deadline exceeded/,
  },
}

let host: NodeHost

beforeAll(() => {
  host = createNodeHost()
})

afterAll(async () => {
  await host.close()
})

const build = (database: TestDatabase): Promise<Workspace> =>
  buildWorkspace('external-datastore', undefined, async (folder) => {
    const directory = join(folder, 'datastore')
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const { ca, client, password } = database
    const files = {
      endpoint: database.endpoint({
        host: service.address,
        port: service.port,
        user: 'certified',
        password,
      }),
      'ca.crt': ca.pem,
      'client.crt': client.certificate,
      'client.key': client.key,
    }
    for (const [name, text] of Object.entries(files))
      await writeFile(join(directory, name), text, { mode: 0o600 })
  })

/** The second server's card, as it is and with a login that is refused; and the first one's. */
const writeCards = async (workspace: Workspace, kind: DatabaseKind): Promise<string> => {
  const folder = join(workspace.output, 'cards')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const [name, image] of Object.entries({
    'bakery-1': 'bakery-1',
    'bakery-2': 'bakery-2',
    [stranger]: 'bakery-2',
  })) {
    const from = join(workspace.imageDirectory, `${image}.img`)
    await host.exec(['cp', '--reflink=auto', '--sparse=auto', from, join(folder, `${name}.img`)], {
      doing: 'copy an image',
    })
  }
  await changeSeed(host, join(folder, `${stranger}.img`), { [k3sConfig]: refusals[kind].change })
  return folder
}

const openMachines = async (workspace: Workspace, images: string, localPort: number): Promise<Lab> => {
  const { plan, models } = await planOf(host, workspace)
  const [, second] = plan.nodes
  if (second === undefined) throw new Error('no second server')
  const nodes = [...plan.nodes, { ...second, name: stranger }]
  return openLab(
    host,
    { ...plan, nodes },
    {
      imageDirectory: images,
      nodes,
      models,
      accelerator: 'auto',
      processors: 1,
      hostServices: [{ ...service, localPort }],
    },
  )
}

const eventually = async (look: () => Promise<void>): Promise<void> => {
  for (const end = performance.now() + patienceOf.tcg.healthyMs; ; await sleep(3000)) {
    try {
      return await look()
    } catch (error) {
      if (performance.now() > end) throw error
    }
  }
}

describe.each<[string, DatabaseKind]>([
  ['PostgreSQL', 'postgres'],
  ['MariaDB', 'mysql'],
  ['etcd', 'etcd'],
])('%s behind the network of the site', (name, kind) => {
  slow('two servers share it; one that it refuses says why, and goes on trying', async () => {
    const database = await startDatabase(kind, [service.address])
    let lab: Lab | undefined
    try {
      const workspace = await build(database)
      const images = await writeCards(workspace, kind)
      lab = await openMachines(workspace, images, database.port)
      const kubeconfig = parseKubeconfig(await readFile(join(workspace.imageDirectory, 'kubeconfig'), 'utf8'))
      const { forward } = lab
      const showsAll = (address: string, names: readonly string[]): Promise<void> =>
        eventually(async () => {
          const nodes = await listNodes(kubeconfig, await forward(address, kubeconfig.port))
          expect(namesWith(nodes, 'Ready')).toEqual(names)
        })

      const first = await switchOn(lab, 'bakery-1')
      const refused = await switchOn(lab, stranger)
      const { reason } = refusals[kind]
      const told = await untilSaid(refused, reason, patienceOf.tcg.healthyMs)
      expect(told.text).toMatch(/^k3s ended .*; the next try follows by itself$/)
      await eventually(async () => {
        expect(statusIn(await factsOf(refused))).toMatchObject({
          phase: 'failed',
          error: expect.stringMatching(reason),
        })
      })
      expect(refused.machine.console.tail(200).join('\n')).not.toContain('p@s')
      await showsAll(servers['bakery-1'], ['bakery-1'])
      host.report.info(
        `${name}: the first server Ready ${(first.machine.sinceMs() / 1000).toFixed(0)} s after power-on, the refusal told after ${(told.atMs / 1000).toFixed(0)} s`,
      )
      await switchOff([refused])

      const second = await switchOn(lab, 'bakery-2')
      for (const address of Object.values(servers)) await showsAll(address, Object.keys(servers))
      const facts = await factsOf(second)
      expect(facts.get('failed-units')?.trim()).toBe('')
      expect(facts.get('k3s-config')).toContain(`datastore-keyfile: ${clientKey}`)
      await switchOff([first, second])
    } finally {
      await lab?.close()
      await database.stop()
    }
  })
})
