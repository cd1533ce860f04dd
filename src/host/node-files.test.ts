import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from './testing.ts'
import { createTestHost } from './testing.ts'

let host: TestHost
let folder: string
beforeEach(async () => {
  host = createTestHost()
  folder = await host.files.makeTemporaryDirectory('files-')
})
afterEach(() => host.close())

test('a file is written whole, with mode and time, and nothing is left beside it', async () => {
  const path = join(folder, 'a')
  await host.files.writeAtomic(path, 'old')
  await host.files.writeAtomic(path, 'new', { mode: 0o600, mtimeSeconds: 1_700_000_000 })
  expect(await host.files.readText(path)).toBe('new')
  expect(await host.files.stat(path)).toMatchObject({ mode: 0o600, mtimeMs: 1_700_000_000_000, sizeBytes: 3 })
  expect(await host.files.list(folder)).toEqual(['a'])
})

test('what is missing is undefined', async () => {
  for (const path of [join(folder, 'none'), join(folder, 'none', 'deeper')]) {
    expect(await host.files.stat(path)).toBeUndefined()
    expect(await host.files.readText(path)).toBeUndefined()
    expect(await host.files.readBytes(path)).toBeUndefined()
  }
})

test('a file where a folder should be is told with a next step', async () => {
  const file = join(folder, 'file')
  await host.files.writeAtomic(file, '')
  for (const path of [file, join(file, 'deeper')])
    await expect(host.files.makeDirectory(path)).rejects.toMatchObject({
      name: 'EnvironmentFault',
      help: expect.stringMatching(/^Choose another folder: .* is a file\.$/),
    })
  await expect(host.files.writeAtomic(folder, '')).rejects.toMatchObject({
    name: 'EnvironmentFault',
    help: `Choose another name: ${folder} is a folder.`,
  })
})

test('a copy keeps holes', async () => {
  const [from, to] = [join(folder, 'from'), join(folder, 'to')]
  const file = await host.files.open(from, 'create')
  await file.write(Buffer.from('end'), 64 * 1024 * 1024)
  await file.close()
  await host.files.copy(from, to)
  const copied = await host.files.stat(to)
  expect(copied?.sizeBytes).toBe(64 * 1024 * 1024 + 3)
  expect(copied?.allocatedBytes).toBeLessThan(1024 * 1024)
  expect(Buffer.from(await host.files.readRange(to, 64 * 1024 * 1024, 10)).toString()).toBe('end')
})

test.each([
  [undefined, '0123456789'],
  [{ start: 2, end: 5 }, '234'],
  [{ start: 3, end: 3 }, ''],
])('range %j of a file', async (range, expected) => {
  const path = join(folder, 'digits')
  await host.files.writeAtomic(path, '0123456789')
  expect(await text(host.files.openRead(path, range))).toBe(expected)
})

test('digest of a file', async () => {
  await host.files.writeAtomic(join(folder, 'a'), 'hello')
  expect(await host.files.sha256(join(folder, 'a'))).toBe(
    '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
  )
})

test('temporary folders go when the host is closed', async () => {
  const other = createTestHost()
  const path = await other.files.makeTemporaryDirectory('gone-', folder)
  await other.files.writeAtomic(join(path, 'file'), 'x')
  await other.close()
  expect(await host.files.list(folder)).toEqual([])
})
