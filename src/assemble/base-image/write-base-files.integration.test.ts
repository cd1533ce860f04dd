import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createExtReader } from '../../host/disk/ext-reader.ts'
import { createFatReader } from '../../host/disk/fat-reader.ts'
import { fileManifest } from '../../host/disk/file-manifest.ts'
import type { NodeHost } from '../../host/node-host.ts'
import { createNodeHost } from '../../host/node-host.ts'
import type { BaseFile, BasePartition } from '../../plan/build-plan.ts'
import { writeBaseFiles } from './write-base-files.ts'

let host: NodeHost
let folder: string
beforeAll(async () => {
  host = createNodeHost({ offline: true })
  folder = await host.files.makeTemporaryDirectory('base-files-')
  const tree = join(folder, 'tree')
  await host.files.makeDirectory(join(tree, 'ignition'))
  await host.files.writeAtomic(join(tree, 'ignition/config.ign'), '{}')
  await host.files.writeAtomic(join(tree, 'vmlinuz'), 'a kernel')
  await host.files.symlink('.', join(tree, 'boot'))
  for (const [name, content] of [
    ['bare', ['-L', 'boot']],
    ['full', ['-L', 'boot', '-d', tree]],
  ] as const) {
    await host.exec(['truncate', '--size', '8M', join(folder, name)])
    await host.exec(['mkfs.ext4', '-q', '-F', ...content, join(folder, name)])
  }
  await host.exec(['truncate', '--size', '1M', join(folder, 'fat')])
  await host.exec(['mkfs.vfat', join(folder, 'fat')])
  for (const [name, text] of [
    ['META-DATA', 'old'],
    ['config.txt', 'arm_64bit=1'],
  ] as const)
    await host.exec(['mcopy', '-i', join(folder, 'fat'), '-', `::${name}`], { input: text })
})
afterAll(() => host.close())

const partitionOf = (fileSystem: string): BasePartition => ({
  number: 3,
  offset: 0,
  size: 0,
  type: '',
  guid: '',
  name: '',
  fileSystem,
  label: '',
})

/** Writes into a copy, and returns its path. */
const write = async (
  from: string,
  to: string,
  fileSystem: string,
  files: readonly Omit<BaseFile, 'partition'>[],
): Promise<string> => {
  const path = join(folder, to)
  await host.files.copy(join(folder, from), path)
  await writeBaseFiles(host, {
    path,
    partition: partitionOf(fileSystem),
    files: files.map((file) => ({ partition: 3, ...file })),
    epoch: 1_750_000_000,
    workFolder: folder,
  })
  return path
}

const config = { path: 'ignition/config.ign', text: '{"ignition":{"version":"3.4.0"}}\n' }

test.each(['bare', 'full'])('an ext4 gets the file, whether there was one or not: %s', async (from) => {
  const first = await write(from, 'first', 'ext4', [config])
  const bytes = await createExtReader(host, first, 0).read(`/${config.path}`)
  expect(new TextDecoder().decode(bytes)).toBe(config.text)
  const { stdout } = await host.exec(['debugfs', '-R', `stat /${config.path}`, first])
  expect(stdout).toMatch(/Mode: {2}0600[\s\S]*User: +0 +Group: +0 /)
  // The same bytes at another time.
  await new Promise((resolve) => setTimeout(resolve, 1100))
  const second = await write(from, 'second', 'ext4', [config])
  expect(await host.files.sha256(second)).toBe(await host.files.sha256(first))
})

test('a FAT gets files in the place of those of the same name, whatever their case', async () => {
  const path = await write('fat', 'card', 'vfat', [
    { path: 'meta-data', text: 'new' },
    { path: 'user-data', text: '#cloud-config\n' },
  ])
  const reader = createFatReader(host, path, 0)
  expect(await reader.read('meta-data')).toBe('new')
  expect(await reader.read('config.txt')).toBe('arm_64bit=1')
  const manifest = await fileManifest(host, { path, offset: 0, kind: 'fat' })
  const names = [...manifest.keys()].map((name) => name.toLowerCase())
  expect(names.toSorted()).toEqual(['config.txt', 'meta-data', 'user-data'])
})

test('a file system that was not closed cleanly is not written to', async () => {
  const path = join(folder, 'dirty')
  await host.files.copy(join(folder, 'bare'), path)
  await host.exec(['debugfs', '-w', '-R', 'feature needs_recovery', path])
  await expect(write('dirty', 'dirty-copy', 'ext4', [config])).rejects.toMatchObject({ code: 'L0080' })
})

test('a file system without room is told', async () => {
  const text = 'x'.repeat(9 * 1024 ** 2)
  await expect(write('bare', 'small', 'ext4', [{ path: 'config.ign', text }])).rejects.toThrow(/config.ign/)
})
