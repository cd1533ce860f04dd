import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { assemble } from '../assemble/assemble.ts'
import { tinyMaterials, tinyPlan } from '../assemble/testing.ts'
import type { NodeHost } from '../host/node-host.ts'
import { createNodeHost } from '../host/node-host.ts'
import { inspectImage } from './inspect.ts'
import { printInspection } from './print-inspection.ts'

let host: NodeHost
let folder: string
let image: string

beforeEach(async () => {
  host = createNodeHost({ offline: true })
  folder = await host.files.makeTemporaryDirectory('inspect-test-')
  const materials = await tinyMaterials(host, join(folder, 'cache'), join(folder, 'state'))
  const plan = tinyPlan({ names: ['one'], outputs: ['raw', 'zst'] })
  await assemble(host, plan, materials, {
    folder: join(folder, 'out'),
    node: undefined,
    toolVersion: '0.0.0',
    k3sSource: 'release',
  })
  image = join(folder, 'out', 'one.img')
})
afterEach(() => host.close())

const overwrite = async (path: string, offset: number, bytes: Uint8Array): Promise<void> => {
  const file = await host.files.open(path, 'update')
  await file.write(bytes, offset)
  await file.close()
}

test('an image tells its partitions, kernel arguments, payload and seed, and no secret', async () => {
  const inspection = await inspectImage(host, image)
  expect(inspection.table.partitions.map(({ name, fileSystem }) => `${name} ${fileSystem}`)).toEqual([
    'boot fat32',
    'root-a squashfs',
    'payload squashfs',
    'seed fat16',
  ])
  expect([inspection.table.primary, inspection.table.backup]).toEqual(['valid', 'valid'])
  expect(inspection.boot?.entries).toEqual([
    { file: 'loader/entries/appliance-a.conf', kernelArguments: 'root=PARTUUID=x ro' },
  ])
  expect(inspection.payload?.files.map(({ path, mode }) => `${mode} ${path}`)).toEqual([
    '-rwxr-xr-x bin/k3s',
    '-rw-r--r-- images.txt',
  ])
  expect(inspection.seed).toMatchObject({ node: 'one', taken: false })
  expect(inspection.seed?.tokens).toMatchObject([
    { target: '/var/lib/appliance/secrets/token', user: 'server' },
  ])
  const state = (await host.files.readText(join(folder, 'state/state.json'))) ?? ''
  const { tokens } = JSON.parse(state) as { readonly tokens: Readonly<Record<string, string>> }
  const shown = JSON.stringify(inspection) + printInspection(inspection, Date.now())
  for (const password of Object.values(tokens)) expect(shown).not.toContain(password)
})

test('a compressed image tells the same', async () => {
  const { image: _, compressed, ...raw } = await inspectImage(host, image)
  const { image: __, compressed: unpacked, ...same } = await inspectImage(host, `${image}.zst`)
  expect([compressed, unpacked]).toEqual([false, true])
  expect(same).toEqual(raw)
})

test('on a larger disk the backup table is found where it was and where it is moved to', async () => {
  const file = await host.files.open(image, 'update')
  await file.truncate(512 * 1024 * 1024)
  await file.close()
  expect((await inspectImage(host, image)).table.backup).toBe('valid')
  await host.exec(['sfdisk', '--relocate', 'gpt-bak-std', image])
  expect((await inspectImage(host, image)).table.backup).toBe('valid')
})

test('a damaged first table is said, and the backup used', async () => {
  await overwrite(image, 512, new Uint8Array(512))
  const { table } = await inspectImage(host, image)
  expect(table.primary).toBe('no GPT header')
  expect(table.backup).toBe('valid')
  expect(table.partitions).toHaveLength(4)
})

test('what is no image, or cut short, is named so', async () => {
  const text = join(folder, 'notes.txt')
  await host.files.writeAtomic(text, 'shopping list')
  await expect(inspectImage(host, text)).rejects.toThrow('is not a disk image with a GPT')
  await expect(inspectImage(host, folder)).rejects.toThrow('is a folder')
  await expect(inspectImage(host, join(folder, 'nothing'))).rejects.toThrow('does not exist')
  const qcow2 = join(folder, 'base.qcow2')
  await host.exec(['qemu-img', 'create', '-q', '-f', 'qcow2', qcow2, '1M'])
  await expect(inspectImage(host, qcow2)).rejects.toMatchObject({
    message: expect.stringContaining('is a disk packed as qcow2'),
    help: `make one of it: qemu-img convert -O raw ${qcow2} disk.img`,
  })
  const cut = join(folder, 'cut.img.zst')
  const bytes = (await host.files.readBytes(`${image}.zst`)) ?? new Uint8Array()
  await host.files.writeAtomic(cut, bytes.subarray(0, bytes.length / 2))
  await expect(inspectImage(host, cut)).rejects.toThrow('damaged or cut short')
  const file = await host.files.open(image, 'update')
  await file.truncate(40 * 1024 * 1024)
  await file.close()
  await expect(inspectImage(host, image)).rejects.toThrow('is cut short')
})
