import { createHash } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import type { TestHost } from '../../host/testing.ts'
import { createTestHost } from '../../host/testing.ts'
import type { Lock } from '../lock.ts'
import type { InputStore, LockRequest } from '../lock-request.ts'
import type { ArtifactPin } from '../pins.ts'
import { lockK3s } from './k3s-files.ts'

const url = 'https://example.com/v1/'
const sha = (text: string): string => createHash('sha256').update(text).digest('hex')

const release = (binary: string): Record<string, string> => ({
  [`${url}k3s-arm64`]: binary,
  [`${url}k3s-airgap-images-arm64.tar.zst`]: 'images',
  [`${url}k3s-images.txt`]: 'docker.io/rancher/b:2\ndocker.io/rancher/a:1\n',
  [`${url}sha256sum-arm64.txt`]: `${sha(binary)}  k3s-arm64\n${sha('images')}  k3s-airgap-images-arm64.tar.zst\n`,
})

let host: TestHost
afterEach(() => host.close())

/** As much of the artifact store as locking needs, with files in a folder. */
const createStore = async (downloads: Record<string, string>): Promise<InputStore> => {
  host = createTestHost({ downloads })
  const folder = await host.files.makeTemporaryDirectory('k3s-')
  const stored = new Map<string, ArtifactPin>()
  const keep = async (from: string, name: string, expected?: string): Promise<ArtifactPin> => {
    const sha256 = await host.files.sha256(from)
    if (expected !== undefined && sha256 !== expected) throw new Error(`${name} is not the pinned one`)
    await host.files.rename(from, `${folder}/${sha256}`)
    const pin = { name, sha256, sizeBytes: (await host.files.stat(`${folder}/${sha256}`))?.sizeBytes ?? 0 }
    stored.set(sha256, pin)
    return pin
  }
  return {
    find: async ({ sha256 }) => stored.get(sha256),
    addFile: (source) => keep(source, source),
    moveFile: (source, { name, sha256 }) => keep(source, name, sha256),
    addDownload: async (from, { expected }) => {
      await host.download(from, `${folder}/new`)
      return keep(`${folder}/new`, expected?.name ?? (from.split('/').at(-1) as string), expected?.sha256)
    },
    path: async ({ sha256 }) => `${folder}/${sha256}`,
  }
}

const request = (previous: Lock['k3s'] | null = null): LockRequest => ({
  recipe: {} as LockRequest['recipe'],
  requested: { arm64: [] },
  wireless: [],
  firmware: {},
  baseImage: null,
  expandImage: () => Promise.reject(new Error('there is no base image')),
  kernels: [],
  givenPackages: [],
  k3sVersion: 'v1.33.1+k3s1',
  artifacts: url,
  files: [],
  workloads: [],
  userData: [],
  images: [],
  pull: [],
  folder: '/nowhere',
  readSecret: () => Promise.reject(new Error('no secret is asked for')),
  previous: previous === null ? null : ({ k3s: previous } as Lock),
})

const lock = async (downloads: Record<string, string>, previous: Lock['k3s'] | null = null) => {
  const store = await createStore(downloads)
  return lockK3s(host, store, request(previous))
}

test('the files of a release are pinned by what its checksum list says', async () => {
  const k3s = await lock(release('binary'))
  expect(k3s.files).toEqual({
    arm64: {
      binary: { name: 'k3s-arm64', sha256: sha('binary'), sizeBytes: 6 },
      airgapImages: { name: 'k3s-airgap-images-arm64.tar.zst', sha256: sha('images'), sizeBytes: 6 },
      imagesUnpackedBytes: 6,
    },
  })
  expect(k3s.imageNames).toEqual(['docker.io/rancher/a:1', 'docker.io/rancher/b:2'])
  expect(k3s.source).toBe(url)
})

test('a file that is not what its own checksum list says is refused', async () => {
  const downloads = { ...release('binary'), [`${url}k3s-arm64`]: 'tampered' }
  await expect(lock(downloads)).rejects.toThrow('k3s-arm64 is not the pinned one')
})

test('a release that changed under its version is reported, with both hashes, and not fetched', async () => {
  const before = await lock(release('binary'))
  await host.close()
  await expect(lock(release('another'), before)).rejects.toMatchObject({
    name: 'EnvironmentFault',
    message: expect.stringMatching(new RegExp(`${sha('another')}.*${sha('binary')}`)),
  })
  expect(host.downloaded).toEqual([`${url}sha256sum-arm64.txt`])
})

test('images are measured once: what the lock has of the same archive stays', async () => {
  const before = await lock(release('binary'))
  const files = { arm64: { ...before.files.arm64, imagesUnpackedBytes: 700 } } as Lock['k3s']['files']
  await host.close()
  const after = await lock(release('binary'), { ...before, files })
  expect(after.files.arm64?.imagesUnpackedBytes).toBe(700)
  await host.close()
  const other = await lock({ ...release('binary') }, { ...before, version: 'v1.32.0+k3s1', files: {} })
  expect(other.files.arm64?.imagesUnpackedBytes).toBe(6)
})

test('another version may have other files', async () => {
  const before = { ...(await lock(release('binary'))), version: 'v1.32.0+k3s1' }
  await host.close()
  const after = await lock(release('another'), before)
  expect(after.files.arm64?.binary.sha256).toBe(sha('another'))
})

test('a checksum list without the file names list and file', async () => {
  const downloads = { ...release('binary'), [`${url}sha256sum-arm64.txt`]: `${sha('images')}  other\n` }
  await expect(lock(downloads)).rejects.toThrow('sha256sum-arm64.txt lists no k3s-arm64')
})
