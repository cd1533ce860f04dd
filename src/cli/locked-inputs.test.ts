import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import { createArtifactStore } from '../materialise/artifact-store.ts'
import type { Lock } from '../resolve/lock.ts'
import { exportedPath } from '../resolve/lock-inputs.ts'
import { exportInputs } from './export-inputs.ts'
import { fetchLockedInputs } from './locked-inputs.ts'

const pin = (name: string) => ({
  name,
  sha256: createHash('sha256').update(name).digest('hex'),
  sizeBytes: name.length,
})
const bash = {
  ...pin('bash'),
  version: '1+b1',
  architecture: 'arm64',
  filename: 'pool/main/b/bash/bash_1+b1_arm64.deb',
  archive: 'debian',
} as const

const lock: Lock = {
  lockVersion: 1,
  created: '2026-11-22T17:45:00Z',
  base: {
    recipe: 'debian-13',
    archives: { debian: 'http://example.com/debian' },
    requested: { arm64: ['bash'] },
    packages: { arm64: [bash] },
    kernels: {
      arm64: {
        'stable-4k': {
          source: 'stable',
          pages: '4k',
          release: '6.12.1',
          time: 1,
          packages: [{ ...bash, ...pin('linux'), filename: 'pool/linux.deb' }],
          board: null,
        },
      },
    },
    times: { arm64: 1 },
    firmware: {},
    image: null,
    tools: { amd64: [{ ...bash, ...pin('dash') }] },
  },
  k3s: {
    version: 'v1.33.1+k3s1',
    source: 'https://example.com/k3s/',
    files: { arm64: { binary: pin('k3s-arm64'), airgapImages: pin('images.tar.zst') } },
    imageList: pin('k3s-images.txt'),
    imageNames: [],
  },
  files: [pin('app.tar')],
  workloads: [],
  userData: [],
  images: [],
}

let host: TestHost
let folder: string
const options = { profile: 'lab.yaml', artifacts: undefined, buildArchitectures: ['amd64'] as const }

beforeEach(async () => {
  host = createTestHost({
    downloads: {
      'http://example.com/debian/pool/main/b/bash/bash_1%2Bb1_arm64.deb': 'bash',
      'http://example.com/debian/pool/linux.deb': 'linux',
      'https://example.com/k3s/k3s-arm64': 'k3s-arm64',
      'https://example.com/k3s/images.tar.zst': 'images.tar.zst',
      'https://example.com/k3s/k3s-images.txt': 'k3s-images.txt',
    },
  })
  folder = await host.files.makeTemporaryDirectory('locked-')
})
afterEach(() => host.close())

/** A store with the two inputs that nobody serves: the tool, and the user's own file. */
const seededStore = async (name: string) => {
  const store = createArtifactStore(host, join(folder, name))
  for (const content of ['dash', 'app.tar']) {
    await host.files.writeAtomic(join(folder, content), content)
    await store.addFile(join(folder, content))
  }
  return store
}

test('what is pinned and missing is fetched from the archive and the release, nothing else', async () => {
  const store = await seededStore('cache')
  await fetchLockedInputs(host, store, lock, options)
  expect(host.downloaded).toHaveLength(5)
  await fetchLockedInputs(host, store, lock, options)
  expect(host.downloaded).toHaveLength(5)
})

test('an input that nobody has is named, with the command that fetches it', async () => {
  const store = createArtifactStore(host, join(folder, 'cache'))
  await expect(
    fetchLockedInputs(host, store, { ...lock, base: { ...lock.base, tools: {} } }, options),
  ).rejects.toMatchObject({
    message: expect.stringContaining('app.tar'),
    help: expect.stringContaining('appliance lock <profile>'),
  })
})

test('an export fills an empty cache without a network; a flipped byte in it is found', async () => {
  const store = await seededStore('cache')
  await fetchLockedInputs(host, store, lock, options)
  const exported = join(folder, 'export')
  await exportInputs(host, store, lock, 'lab.lock.yaml', exported)
  expect(await host.files.list(exported)).toEqual(['README', 'lab.lock.yaml', 'store'])

  const offline = createTestHost()
  try {
    // file: URLs are copies, which the test host does not do by itself.
    const copying = {
      ...offline,
      download: (url: string, target: string) => offline.files.copy(new URL(url).pathname, target),
    }
    const empty = createArtifactStore(copying, join(folder, 'cache2'))
    await fetchLockedInputs(copying, empty, lock, { ...options, artifacts: exported })
    expect(await empty.has(bash)).toBe(true)

    const damaged = join(exported, exportedPath(bash.sha256))
    await host.files.remove(damaged)
    await host.files.writeAtomic(damaged, 'Bash')
    const other = createArtifactStore(copying, join(folder, 'cache3'))
    await expect(
      fetchLockedInputs(copying, other, lock, { ...options, artifacts: exported }),
    ).rejects.toThrow('is not the pinned bash')
  } finally {
    await offline.close()
  }
})
