import { mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Host } from '../host/host.ts'
import { createTestHost } from '../host/testing.ts'
import { sha256Hex } from '../plan/hash.ts'
import { createKnownHashes } from './known-hashes.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'known-hashes-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A host that counts what is read whole; `meanwhile` is what others do then. */
const setUp = (meanwhile: (host: Host) => Promise<void> = async () => undefined) => {
  const host = createTestHost()
  const read: string[] = []
  const sha256 = async (path: string): Promise<string> => {
    read.push(path)
    const found = await host.files.sha256(path)
    await meanwhile(host)
    return found
  }
  const counting: Host = { ...host, files: { ...host.files, sha256 } }
  // Each time as by another command.
  return { host, read, hashOf: (path: string) => createKnownHashes(counting, join(folder, 'cache'))(path) }
}

test('a file is read once, by however many commands, and again when it is another one with the same time', async () => {
  const { host, read, hashOf } = setUp()
  const path = join(folder, 'base.img')
  await host.files.writeAtomic(path, 'a disk', { mtimeSeconds: 1 })
  expect(await hashOf(path)).toBe(sha256Hex('a disk'))
  expect(await hashOf(path)).toBe(sha256Hex('a disk'))
  expect(read).toHaveLength(1)
  await host.files.writeAtomic(path, 'b disk', { mtimeSeconds: 1 })
  expect(await hashOf(path)).toBe(sha256Hex('b disk'))
  expect(await hashOf(path)).toBe(sha256Hex('b disk'))
  expect(read).toHaveLength(2)
  const other = join(folder, 'other.img')
  await host.files.writeAtomic(other, 'c disk', { mtimeSeconds: 1 })
  expect(await hashOf(other)).toBe(sha256Hex('c disk'))
  expect(await hashOf(path)).toBe(sha256Hex('b disk'))
  expect(read).toHaveLength(3)
})

test('one that is written to meanwhile is not remembered', async () => {
  const path = join(folder, 'base.img')
  const { host, read, hashOf } = setUp(() => utimes(path, 2, read.length))
  await host.files.writeAtomic(path, 'a disk')
  await hashOf(path)
  await hashOf(path)
  expect(read).toHaveLength(2)
})

test('without a cache that can be written to it is read each time', async () => {
  const { host, read, hashOf } = setUp()
  const path = join(folder, 'base.img')
  await host.files.writeAtomic(path, 'a disk')
  await host.files.writeAtomic(join(folder, 'cache'), 'no folder')
  expect(await hashOf(path)).toBe(sha256Hex('a disk'))
  expect(await hashOf(path)).toBe(sha256Hex('a disk'))
  expect(read).toHaveLength(2)
})
