import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Host } from '../host/host.ts'
import type { NodeHost } from '../host/node-host.ts'
import { createNodeHost } from '../host/node-host.ts'
import type { BuildPlan } from '../plan/build-plan.ts'
import { verifyImages } from '../verify/verify.ts'

import { assemble } from './assemble.ts'
import type { AssembledOutput } from './output-folder.ts'
import { flipUnnoticed, tinyMaterials, tinyPlan } from './testing.ts'

let host: NodeHost
let folder: string

beforeEach(async () => {
  host = createNodeHost({ offline: true })
  folder = await host.files.makeTemporaryDirectory('assemble-')
})
afterEach(() => host.close())

const build = async (
  plan: BuildPlan,
  {
    out = 'out',
    cache = 'cache',
    state = 'state',
    node = undefined as string | undefined,
    on = host as Host,
  } = {},
): Promise<readonly AssembledOutput[]> => {
  const materials = await tinyMaterials(host, join(folder, cache), join(folder, state))
  const options = { folder: join(folder, out), node, toolVersion: '0.0.0', k3sSource: 'release' }
  const outputs = await assemble(on, plan, materials, options)
  await verifyImages(host, plan, options.folder, outputs)
  return outputs
}

const sums = (outputs: readonly AssembledOutput[]): Readonly<Record<string, string>> =>
  Object.fromEntries(outputs.map(({ file, sha256 }) => [file, sha256]))

const readRecord = async (out: string): Promise<unknown> =>
  JSON.parse((await host.files.readText(join(folder, out, 'build.json'))) ?? '')

test('the recorded hashes are those of the files, and SHA256SUMS checks them', async () => {
  const outputs = await build(tinyPlan({ outputs: ['raw', 'zst'] }))
  for (const { file, sha256, sizeBytes } of outputs) {
    expect(await host.files.sha256(join(folder, 'out', file)), file).toBe(sha256)
    expect((await host.files.stat(join(folder, 'out', file)))?.sizeBytes, file).toBe(sizeBytes)
  }
  await host.exec(['sha256sum', '--check', '--strict', 'SHA256SUMS'], { cwd: join(folder, 'out') })
  await host.exec(['sfdisk', '--verify', join(folder, 'out', 'one.img')])
  const unpacked = join(folder, 'one.img')
  await host.exec(['zstd', '-q', '-d', join(folder, 'out', 'one.img.zst'), '-o', unpacked])
  expect(await host.files.sha256(unpacked)).toBe(sums(outputs)['one.img'])
  for (const secretFile of ['one.img', 'kubeconfig']) {
    expect((await host.files.stat(join(folder, 'out', secretFile)))?.mode, secretFile).toBe(0o600)
  }
})

const boards = ['arm64-uefi', 'amd64-uefi', 'rpi4'] as const

test.each(boards)(
  '%s: same lock and state give the same bytes in another folder with another cache',
  async (board) => {
    const first = await build(tinyPlan({ board, outputs: ['raw', 'zst'] }))
    await new Promise((resolve) => setTimeout(resolve, 2100)) // FAT keeps time in steps of two seconds
    const second = await build(tinyPlan({ board, outputs: ['raw', 'zst'] }), { out: 'out2', cache: 'cache2' })
    expect(sums(second)).toEqual(sums(first))
    expect(await readRecord('out2')).toEqual(await readRecord('out'))
  },
)

test.each(boards)('%s: a fresh state changes only seeds and the kubeconfig', async (board) => {
  const first = await build(tinyPlan({ board }))
  const second = await build(tinyPlan({ board }), { out: 'out2', state: 'state2' })
  for (const [index, output] of first.entries()) {
    expect(second[index]?.sha256, output.file).not.toBe(output.sha256)
    const partitions = second[index]?.partitions.filter(({ name }) => name !== 'seed')
    expect(partitions).toEqual(output.partitions.filter(({ name }) => name !== 'seed'))
  }
  const seed = first[0]?.partitions.find(({ name }) => name === 'seed')
  if (seed === undefined) throw new Error('no seed')
  const end = seed.offset + seed.size
  await host.exec([
    'cmp',
    '-n',
    String(seed.offset),
    join(folder, 'out/one.img'),
    join(folder, 'out2/one.img'),
  ])
  await host.exec(['cmp', '-i', String(end), join(folder, 'out/one.img'), join(folder, 'out2/one.img')])
})

test('an image made from its sibling is the one made from the parts, and shows nothing of the sibling', async () => {
  const both = await build(tinyPlan())
  const alone = await build(tinyPlan(), { out: 'out2', node: 'two' })
  expect(sums(alone)['two.img']).toBe(sums(both)['two.img'])
})

test('a second build leaves what is right alone; a changed label makes one seed anew', async () => {
  const writtenFiles = (outputs: readonly AssembledOutput[]): readonly string[] =>
    outputs.filter(({ written }) => written).map(({ file }) => file)
  expect(writtenFiles(await build(tinyPlan()))).toEqual(['one.img', 'two.img', 'kubeconfig'])
  expect(writtenFiles(await build(tinyPlan()))).toEqual([])
  expect(writtenFiles(await build(tinyPlan({ label: 'b' })))).toEqual(['one.img'])
  await host.files.writeAtomic(join(folder, 'out/two.img'), 'not what we wrote')
  expect(writtenFiles(await build(tinyPlan({ label: 'b' })))).toEqual(['two.img'])
})

/** A host whose file system shares blocks, as far as one can tell. Counts the shared copies. */
const withClones = (): { readonly on: Host; readonly clones: () => number } => {
  let count = 0
  const clone = async (from: string, to: string): Promise<boolean> => {
    count += 1
    await host.files.copy(from, to)
    return true
  }
  return { on: { ...host, files: { ...host.files, clone } }, clones: () => count }
}

test('where blocks can be shared, a changed node is made from its earlier image, to the same bytes', async () => {
  const { on, clones } = withClones()
  await build(tinyPlan({ names: ['one'] }), { on })
  expect(clones()).toBe(0)
  const changed = await build(tinyPlan({ names: ['one'], label: 'b' }), { on })
  expect(clones()).toBe(1)
  const anew = await build(tinyPlan({ names: ['one'], label: 'b' }), { out: 'out2' })
  expect(sums(changed)).toEqual(sums(anew))
  expect(await host.files.sha256(join(folder, 'out/one.img'))).toBe(sums(anew)['one.img'])
})

test('an earlier image that is not what it was is not built upon', async () => {
  const { on, clones } = withClones()
  await build(tinyPlan({ names: ['one'] }), { on })
  await flipUnnoticed(host, join(folder, 'out'), 'one.img', '.stamps.json', 66 * 1024 * 1024)
  const changed = await build(tinyPlan({ names: ['one'], label: 'b' }), { on })
  expect(clones()).toBe(1)
  const anew = await build(tinyPlan({ names: ['one'], label: 'b' }), { out: 'out2' })
  expect(sums(changed)).toEqual(sums(anew))
  expect(await host.files.sha256(join(folder, 'out/one.img'))).toBe(sums(anew)['one.img'])
})

test('--node leaves the others and their records as they are', async () => {
  await build(tinyPlan())
  const before = (await host.files.readText(join(folder, 'out/SHA256SUMS'))) ?? ''
  await build(tinyPlan({ label: 'b' }), { node: 'one' })
  const after = (await host.files.readText(join(folder, 'out/SHA256SUMS'))) ?? ''
  const line = (text: string, file: string): string | undefined =>
    text.split('\n').find((candidate) => candidate.endsWith(file))
  expect(line(after, 'two.img')).toBe(line(before, 'two.img'))
  expect(line(after, 'one.img')).not.toBe(line(before, 'one.img'))
  await host.exec(['sha256sum', '--check', '--strict', 'SHA256SUMS'], { cwd: join(folder, 'out') })
})

test('the seed holds the install list, and its hash is the id of the seed', async () => {
  const [one] = await build(tinyPlan({ names: ['one'] }))
  const seed = one?.partitions.find(({ name }) => name === 'seed')
  const read = async (path: string): Promise<string> =>
    (await host.exec(['mtype', '-i', `${join(folder, 'out/one.img')}@@${seed?.offset}`, `::${path}`])).stdout
  const list = await read('appliance/install.list')
  expect(list.trim().split('\n')[1]).toMatch(
    /^secret 0600 [0-9a-f]{64} 2 \/var\/lib\/appliance\/secrets\/token$/,
  )
  const { createHash } = await import('node:crypto')
  const seedId = createHash('sha256').update(list).digest('hex')
  expect(await read('appliance/node.conf')).toBe(`NODE_NAME='one'\nSEED_ID='${seedId}'\n`)
  expect(await read('appliance/files/2')).toMatch(/^K10[0-9a-f]{64}::server:[0-9a-f]{32}\n$/)
})

test('a bit that flips in the cache is found and named, and the next build mends it', async () => {
  await build(tinyPlan())
  await flipUnnoticed(
    host,
    join(folder, 'cache/built/payload/payload1'),
    'payload.squashfs',
    'stamps.json',
    200,
  )

  await expect(build(tinyPlan(), { out: 'out2' })).rejects.toThrow(
    'payload.squashfs does not have the content',
  )
  expect(
    await host.files.list(join(folder, 'out2')).then((names) => names.filter((n) => !n.startsWith('.'))),
  ).toEqual([])
  const again = await build(tinyPlan(), { out: 'out2' })
  expect(again.map(({ file }) => file)).toEqual(['one.img', 'two.img', 'kubeconfig'])
})

test('an image larger than its declared medium is refused before anything is written', async () => {
  const plan = tinyPlan({ names: ['one'] })
  const small = { ...plan, nodes: plan.nodes.map((node) => ({ ...node, mediumBytes: 32 * 1024 * 1024 })) }
  await expect(build(small)).rejects.toThrow('its medium holds 32 MiB')
  expect(await host.files.stat(join(folder, 'out/one.img'))).toBeUndefined()
})
