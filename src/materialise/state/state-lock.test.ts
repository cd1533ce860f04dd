import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import { withLock } from './state-lock.ts'

let host: TestHost
let folder: string
beforeEach(async () => {
  host = createTestHost()
  folder = await host.files.makeTemporaryDirectory('lock-')
})
afterEach(() => host.close())

const lockPath = (): string => join(folder, 'lock')

test('the lock is held during the work and gone after it, also when the work fails', async () => {
  await withLock(host, folder, async () => {
    expect(await host.files.readText(lockPath())).toMatch(new RegExp(`^${process.pid} \\d+ [0-9a-f-]+\n$`))
  })
  expect(await host.files.stat(lockPath())).toBeUndefined()
  await expect(withLock(host, folder, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await host.files.stat(lockPath())).toBeUndefined()
})

test('a second build says who is building, and does not disturb it', async () => {
  await withLock(host, folder, async () => {
    await expect(withLock(host, folder, async () => undefined)).rejects.toThrow(
      `another build of this cluster is running (process ${process.pid}`,
    )
    expect(await host.files.stat(lockPath())).toBeDefined()
  })
})

test.each([
  ['of a process that is gone', '4194304 12345 00000000-0000-0000-0000-000000000000\n'],
  ['of another process with its number', `${process.pid} 1 00000000-0000-0000-0000-000000000000\n`],
  ['that says nothing', '\n'],
])('a lock %s is taken over', async (_, content) => {
  await host.files.writeAtomic(lockPath(), content)
  expect(await withLock(host, folder, async () => 'done')).toBe('done')
  expect(await host.files.stat(lockPath())).toBeUndefined()
})

test('a killed take-over of a stale lock is no obstacle', async () => {
  await host.files.writeAtomic(lockPath(), 'gone\n')
  await host.files.writeAtomic(
    `${lockPath()}.takeover`,
    '4194304 12345 00000000-0000-0000-0000-000000000000\n',
  )
  expect(await withLock(host, folder, async () => 'done')).toBe('done')
  expect(await host.files.list(folder)).toEqual([])
})

test('of many at once that find a stale lock, exactly one works at a time', async () => {
  await host.files.writeAtomic(lockPath(), 'gone\n')
  let running = 0
  let most = 0
  const attempts = Array.from({ length: 8 }, () =>
    withLock(host, folder, async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setTimeout(resolve, 50))
      running -= 1
    }),
  )
  const results = await Promise.allSettled(attempts)
  expect(most).toBe(1)
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1)
})
