import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import { createBuiltStore } from './built-store.ts'
import { workDirectory } from './cache-paths.ts'

let host: TestHost
let cache: string
let builds: number

const build = async (folder: string): Promise<void> => {
  builds += 1
  await host.files.writeAtomic(join(folder, 'root.squashfs'), 'content')
}
const get = (): Promise<string> => createBuiltStore(host, cache).getOrBuild('base', 'id', build)

beforeEach(async () => {
  host = createTestHost()
  cache = await host.files.makeTemporaryDirectory('built-')
  builds = 0
})
afterEach(() => host.close())

test('what was built is not built again', async () => {
  const folder = await get()
  expect(await get()).toBe(folder)
  expect(builds).toBe(1)
  const { files } = await createBuiltStore(host, cache).manifest(folder)
  expect(files['root.squashfs']?.sizeBytes).toBe(7)
})

test('a damaged or missing file makes it anew, and says so', async () => {
  const file = join(await get(), 'root.squashfs')
  await host.files.writeAtomic(file, 'Content')
  await get()
  expect(await host.files.readText(file)).toBe('content')
  await host.files.remove(file)
  await get()
  expect(builds).toBe(3)
  expect(host.lines.filter((line) => line.startsWith('warn:'))).toHaveLength(2)
})

test('a failed build leaves nothing behind', async () => {
  const store = createBuiltStore(host, cache)
  const failing = store.getOrBuild('base', 'id', async (folder) => {
    await build(folder)
    throw new Error('failed half-way')
  })
  await expect(failing).rejects.toThrow('failed half-way')
  expect(await host.files.list(workDirectory(cache))).toEqual([])
  await get()
  expect(builds).toBe(2)
})

test('two asks at once build once', async () => {
  const store = createBuiltStore(host, cache)
  await Promise.all([store.getOrBuild('base', 'id', build), store.getOrBuild('base', 'id', build)])
  expect(builds).toBe(1)
})

test('folders of killed runs are removed, those of running ones stay', async () => {
  const left = join(workDirectory(cache), 'root-dead')
  const alive = join(workDirectory(cache), 'root-alive')
  const machine = (await host.files.readText('/proc/sys/kernel/hostname'))?.trim()
  const boot = (await host.files.readText('/proc/sys/kernel/random/boot_id'))?.trim()
  const stat = (await host.files.readText('/proc/self/stat')) ?? ''
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  await host.files.makeDirectory(left)
  await host.files.makeDirectory(alive)
  await host.files.writeAtomic(join(left, 'owner'), `${machine} ${boot} ${process.pid}:1\n`)
  await host.files.writeAtomic(join(alive, 'owner'), `${machine} ${boot} ${process.pid}:${started}\n`)
  await get()
  expect(await host.files.list(workDirectory(cache))).toEqual(['root-alive'])
})
