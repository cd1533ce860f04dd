import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import type { NodeHost } from '../host/node-host.ts'
import { createNodeHost } from '../host/node-host.ts'
import type { BuildPlan, InstallEntry, NodePlan } from '../plan/build-plan.ts'
import { manifestsFolder } from '../plan/build-plan.ts'
import { verifyImages } from '../verify/verify.ts'
import { assemble } from './assemble.ts'
import type { AssembledOutput } from './output-folder.ts'
import { tinyMaterials, tinyPlan } from './testing.ts'

const mib = 1024 * 1024

let host: NodeHost
let folder: string
beforeEach(async () => {
  host = createNodeHost({ offline: true })
  folder = await host.files.makeTemporaryDirectory('replacement-')
})
afterEach(() => host.close())

const build = async (
  plan: BuildPlan,
  replacement?: { readonly node: string; readonly backup: ReadonlyMap<string, string> },
): Promise<readonly AssembledOutput[]> => {
  const materials = await tinyMaterials(host, join(folder, 'cache'), join(folder, 'state'))
  const outputs = await assemble(
    host,
    plan,
    { ...materials, ...(replacement === undefined ? {} : { backup: replacement.backup }) },
    {
      folder: join(folder, 'out'),
      node: replacement?.node,
      toolVersion: '0.0.0',
      k3sSource: 'release',
      isReplacement: replacement !== undefined,
    },
  )
  await verifyImages(host, plan, join(folder, 'out'), outputs)
  return outputs
}

const recorded = async (): Promise<readonly string[]> =>
  JSON.parse((await host.files.readText(join(folder, 'out/build.json'))) ?? '').outputs.map(
    ({ file }: { file: string }) => file,
  )

const changed = (plan: BuildPlan, change: (node: NodePlan) => NodePlan): BuildPlan => ({
  ...plan,
  nodes: plan.nodes.map((node, index) => (index === 0 ? change(node) : node)),
})

test('a backup lies whole in a seed that has grown for it; what is before the seed is as it was', async () => {
  const usual = await build(tinyPlan())
  const backup = join(folder, 'state.db')
  const bytes = Buffer.alloc(70 * mib + 123, 'a datastore ')
  await host.files.writeAtomic(backup, bytes)
  const entry: InstallEntry = {
    target: '/var/lib/appliance/restore/state.db',
    mode: 0o600,
    content: { kind: 'backup', name: 'state.db', sizeBytes: bytes.length },
  }
  const plan = changed(tinyPlan(), (node) => ({
    ...node,
    seed: { ...node.seed, sizeBytes: (16 + 72) * mib, install: [...node.seed.install, entry] },
  }))
  const outputs = await build(plan, { node: 'one', backup: new Map([['state.db', backup]]) })
  expect(outputs.map(({ file, written }) => [file, written])).toEqual([
    ['one.replacement.img', true],
    ['kubeconfig', false],
  ])
  const [before, after] = [usual.find(({ file }) => file === 'one.img'), outputs[0]]
  const shared = (output?: AssembledOutput) => output?.partitions.filter(({ name }) => name !== 'seed')
  expect(shared(after)).toEqual(shared(before))
  const seed = after?.partitions.find(({ name }) => name === 'seed')
  const drive = `${join(folder, 'out/one.replacement.img')}@@${seed?.offset}`
  const copy = join(folder, 'copy')
  await host.exec(['mcopy', '-i', drive, '::appliance/files/4', copy])
  expect(Buffer.compare((await host.files.readBytes(copy)) ?? new Uint8Array(), bytes)).toBe(0)
  const { stdout } = await host.exec(['mtype', '-i', drive, '::appliance/install.list'])
  expect(stdout.split('\n')[3]).toMatch(
    /^secret 0600 [0-9a-f]{64} 4 \/var\/lib\/appliance\/restore\/state\.db$/,
  )
  // The usual images and a later build leave it alone, and the other way round.
  expect(await recorded()).toEqual(['kubeconfig', 'one.img', 'one.replacement.img', 'two.img'])
  expect((await build(tinyPlan())).filter(({ written }) => written)).toEqual([])
  expect(await recorded()).toContain('one.replacement.img')
})

test('kubeconfigs of users, and one file of what a running cluster must be told', async () => {
  const admin = tinyPlan().kubeconfigs[0]
  if (admin === undefined) throw new Error('no administrator')
  const text = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\n'
  const access = changed(
    {
      ...tinyPlan(),
      kubeconfigs: [
        admin,
        { ...admin, file: 'alice.kubeconfig', user: 'alice', groups: ['dev'], lifetimeDays: 90 },
      ],
    },
    (node) => ({
      ...node,
      seed: {
        ...node.seed,
        install: [
          ...node.seed.install,
          {
            target: `${manifestsFolder}/appliance-access.yaml`,
            mode: 0o600,
            content: { kind: 'text', text },
          },
          { target: `${manifestsFolder}/second.yaml`, mode: 0o600, content: { kind: 'text', text } },
        ],
      },
    }),
  )
  const files = (await build(access)).map(({ file }) => file)
  expect(files.toSorted()).toEqual([
    'alice.kubeconfig',
    'cluster-manifests.yaml',
    'kubeconfig',
    'one.img',
    'two.img',
  ])
  for (const name of ['alice.kubeconfig', 'cluster-manifests.yaml'])
    expect((await host.files.stat(join(folder, 'out', name)))?.mode, name).toBe(0o600)
  const read = async (name: string): Promise<string> =>
    (await host.files.readText(join(folder, 'out', name))) ?? ''
  expect(parse(await read('alice.kubeconfig')).users[0].name).toBe('alice@tiny')
  expect(parseAllDocuments(await read('cluster-manifests.yaml'))).toHaveLength(2)
  await host.exec(['sha256sum', '--check', '--strict', 'SHA256SUMS'], { cwd: join(folder, 'out') })
  // With nothing to tell, an old file would only mislead.
  await build(tinyPlan())
  expect(await recorded()).toEqual(['kubeconfig', 'one.img', 'two.img'])
  expect(await host.files.stat(join(folder, 'out/cluster-manifests.yaml'))).toBeUndefined()
})

test('a new cluster under the old name does not record the images of the old one', async () => {
  await build(tinyPlan())
  await build(tinyPlan(), { node: 'one', backup: new Map() })
  expect(await recorded()).toContain('one.replacement.img')
  await host.files.remove(join(folder, 'state'))
  await build(tinyPlan())
  expect(await recorded()).toEqual(['kubeconfig', 'one.img', 'two.img'])
})
