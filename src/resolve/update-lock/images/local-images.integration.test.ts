import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../../../host/testing.ts'
import { createTestHost } from '../../../host/testing.ts'
import { createArtifactStore } from '../../../materialise/artifact-store.ts'
import type { Profile } from '../../../profile/schema.ts'
import { lockedBlobs } from '../../image-pins.ts'
import { imageRequests } from '../../image-requests.ts'
import type { LockedImage } from '../../lock.ts'
import type { LockRequest } from '../../lock-request.ts'
import type { ArtifactPin } from '../../pins.ts'
import { sha256Of } from './documents.ts'
import { lockImages, restoreImages } from './lock-images.ts'
import { dockerArchive, ociArchive, tinyImage, writeLayout } from './testing/tiny-images.ts'

type Extra = NonNullable<NonNullable<Profile['images']>['extra']>

let host: TestHost
let folder: string
beforeEach(async () => {
  host = createTestHost({ environment: { PATH: process.env['PATH'], HOME: process.env['HOME'] } })
  folder = await host.files.makeTemporaryDirectory('local-')
})
afterEach(() => host.close())

const requestFor = (extra: Extra) =>
  ({
    images: imageRequests({ images: { extra }, cluster: {} } as Profile, ['arm64']),
    pull: [],
    folder,
    previous: null,
  }) as unknown as LockRequest

const lock = async (extra: Extra, cache = 'cache') => {
  const store = createArtifactStore(host, join(folder, cache))
  const work = await host.files.makeTemporaryDirectory('work-')
  const made = await lockImages(host, store, work, requestFor(extra))
  return { made, store }
}

const isWhole = async (store: ReturnType<typeof createArtifactStore>, pins: readonly ArtifactPin[]) => {
  for (const pin of pins) expect(await store.has(pin), pin.name).toBe(true)
}

const locked = async (extra: Extra, cache?: string): Promise<readonly LockedImage[]> => {
  const { made, store } = await lock(extra, cache)
  if ('problems' in made) throw new Error(made.problems.map(({ message }) => message).join('; '))
  await isWhole(store, lockedBlobs(made))
  return made
}

const packers = { gz: ['gzip', '-k'], zst: ['zstd', '-q'], xz: ['xz', '-k'], bz2: ['bzip2', '-k'] } as const

test.each(['gz', 'zst', 'xz', 'bz2'] as const)(
  'archives packed as .%s are what they are unpacked',
  async (end) => {
    const oven = await tinyImage('arm64', ['one', 'two'], 'plain')
    const bell = await tinyImage('arm64', ['bell'])
    const named = { 'io.containerd.image.name': 'example.com/bell:2' }
    const write = async (name: string, bytes: Buffer): Promise<void> => {
      await host.files.writeAtomic(join(folder, name), bytes)
      await host.exec([...packers[end], join(folder, name)])
    }
    await write('oven.tar', await dockerArchive([{ tags: ['oven:1.4'], image: oven }]))
    await write('bell.tar', await ociArchive([{ annotations: named, images: [bell] }]))
    const plain = await locked([{ file: './oven.tar' }, { file: './bell.tar' }], 'plain')
    const packed = await locked([{ file: `./oven.tar.${end}` }, { file: `./bell.tar.${end}` }])
    expect(packed.map(({ name, platforms }) => ({ name, platforms }))).toEqual(
      plain.map(({ name, platforms }) => ({ name, platforms })),
    )
    expect(packed[1]?.platforms.arm64?.manifest.sha256).toBe(sha256Of(bell.manifest))
  },
)

test.each(['gz', 'zst', 'xz', 'bz2'] as const)('a .%s that is cut short is refused (L0013)', async (end) => {
  const path = join(folder, 'cut.tar')
  const noise = await tinyImage('arm64', [randomBytes(60_000).toString('hex')])
  await host.files.writeAtomic(path, await ociArchive([{ annotations: {}, images: [noise] }]))
  await host.exec([...packers[end], path])
  const whole = (await host.files.readBytes(`${path}.${end}`)) ?? new Uint8Array()
  await host.files.writeAtomic(`${path}.${end}`, whole.subarray(0, Math.floor(whole.length / 2)))
  const { made } = await lock([{ file: `./cut.tar.${end}`, as: 'a.example.com/a:1' }])
  expect(made).toMatchObject({ problems: [{ code: 'L0013', at: ['images', 'extra', 0] }] })
})

/** A store of its own, as `podman --root` has it, with this image in it. */
const storageWith = async (name: string, architecture: string): Promise<string> => {
  const layout = join(folder, `layout-${architecture}`)
  const image = await tinyImage(architecture, ['one', 'two'])
  await writeLayout(host, layout, [
    { annotations: { 'org.opencontainers.image.ref.name': 'it' }, images: [image] },
  ])
  const store = `[vfs@${join(folder, 'storage')}+${join(folder, 'run')}]`
  const to = `containers-storage:${store}${name}`
  await host.exec(['skopeo', '--insecure-policy', 'copy', '--quiet', `oci:${layout}:it`, to])
  return `${store}${name}`
}

test('an image of the local container storage: named as there, the same each time, and found again for a build', async () => {
  const containersStorage = await storageWith('localhost/oven:1.4', 'arm64')
  const [first] = await locked([{ containersStorage }])
  expect(first?.name).toBe('localhost/oven:1.4')
  expect(first?.platforms.arm64?.layers).toHaveLength(2)
  const again = await locked([{ containersStorage, as: 'registry.example.com/oven:1' }], 'again')
  expect(again[0]?.name).toBe('registry.example.com/oven:1')
  expect(again[0]?.platforms).toEqual(first?.platforms)

  const store = createArtifactStore(host, join(folder, 'restored'))
  const work = await host.files.makeTemporaryDirectory('restore-')
  const pinned = first === undefined ? [] : [first]
  await restoreImages(host, store, work, requestFor([{ containersStorage }]), pinned)
  await isWhole(store, lockedBlobs(pinned))
})

test('of another architecture (L0012); not there: said with what lists what is', async () => {
  const containersStorage = await storageWith('localhost/oven:1.4', 'amd64')
  expect((await lock([{ containersStorage }])).made).toMatchObject({
    problems: [{ code: 'L0012', message: expect.stringContaining('it has linux/amd64') }],
  })
  await expect(
    lock([{ containersStorage: containersStorage.replace('oven', 'bell') }]),
  ).rejects.toMatchObject({
    help: expect.stringContaining('podman images'),
  })
})
