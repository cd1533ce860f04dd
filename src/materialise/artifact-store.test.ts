import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import type { ArtifactStore } from './artifact-store.ts'
import { ChangedInput, createArtifactStore } from './artifact-store.ts'
import { storedFile } from './cache-paths.ts'
import { fetchInputs } from './fetch-inputs.ts'

const url = 'https://example.com/k3s-arm64'
const content = 'a binary'
const pin = {
  name: 'k3s-arm64',
  sha256: createHash('sha256').update(content).digest('hex'),
  sizeBytes: content.length,
}

let host: TestHost
let cache: string
let store: ArtifactStore

const start = async (downloads: Readonly<Record<string, string>>): Promise<void> => {
  host = createTestHost({ downloads })
  cache = await host.files.makeTemporaryDirectory('store-')
  store = createArtifactStore(host, cache)
}

beforeEach(() => start({ [url]: content, 'https://example.com/changed': 'another binary' }))
afterEach(() => host.close())

test('a download is kept under its hash, read-only, and found again', async () => {
  expect(await store.has(pin)).toBe(false)
  await store.addDownload(url, { expected: pin })
  expect(await host.files.readText(await store.path(pin))).toBe(content)
  expect((await host.files.stat(await store.path(pin)))?.mode).toBe(0o444)
  expect(await store.find(pin)).toEqual(pin)
})

test('a missing input is named, with the command that fetches it', async () => {
  await expect(store.path(pin)).rejects.toMatchObject({
    name: 'EnvironmentFault',
    message: expect.stringContaining('k3s-arm64'),
    help: expect.stringContaining('appliance lock'),
  })
})

test('a flipped byte is found, though the size is the same', async () => {
  await store.addDownload(url, { expected: pin })
  const at = storedFile(cache, pin.sha256)
  await host.files.chmod(at, 0o644)
  await host.files.remove(at)
  await host.files.writeAtomic(at, 'A binary')
  await expect(store.path(pin)).rejects.toThrow(`${at} does not have the sha256 of its name`)
  expect(await store.has(pin)).toBe(false)
  await fetchInputs(host, store, [{ pin, urls: [url] }])
  expect(await store.has(pin)).toBe(true)
})

test('content other than the pinned one is never stored, and no other source is tried', async () => {
  const urls = ['https://example.com/changed', url]
  await expect(fetchInputs(host, store, [{ pin, urls }])).rejects.toBeInstanceOf(ChangedInput)
  expect(host.downloaded).toEqual(['https://example.com/changed'])
  expect(await store.has(pin)).toBe(false)
})

test('a source that does not answer gives way to the next', async () => {
  await fetchInputs(host, store, [{ pin, urls: ['https://example.com/gone', url] }])
  expect(await store.has(pin)).toBe(true)
})

test('two stores at once may add the same file', async () => {
  const source = join(cache, 'source')
  await host.files.writeAtomic(source, content)
  const other = createArtifactStore(host, cache)
  await Promise.all([store.addFile(source, pin), other.addFile(source, pin), store.addFile(source)])
  expect(await other.has(pin)).toBe(true)
})
