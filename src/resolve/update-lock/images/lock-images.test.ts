import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../../../host/testing.ts'
import { createTestHost } from '../../../host/testing.ts'
import type { Profile } from '../../../profile/schema.ts'
import { lockedBlobs } from '../../image-pins.ts'
import { imageRequests } from '../../image-requests.ts'
import type { Lock, LockedImage } from '../../lock.ts'
import type { InputStore, LockRequest } from '../../lock-request.ts'
import type { Architecture, ArtifactPin } from '../../pins.ts'
import { sha256Of } from './documents.ts'
import { lockImages, restoreImages } from './lock-images.ts'
import { dockerArchive, ociArchive, tinyImage, writeLayout } from './testing/tiny-images.ts'

let host: TestHost
let folder: string
let store: InputStore

beforeEach(async () => {
  host = createTestHost()
  folder = await host.files.makeTemporaryDirectory('images-')
  store = createFolderStore()
})
afterEach(() => host.close())

/** As much of the artifact store as images need. */
const createFolderStore = (): InputStore => {
  const kept = new Map<string, ArtifactPin>()
  const at = (sha256: string): string => join(folder, 'store', sha256)
  const keep = async (source: string, { name, sha256 }: { name: string; sha256: string }) => {
    const bytes = (await host.files.readBytes(source)) ?? new Uint8Array()
    if (sha256Of(bytes) !== sha256) throw new Error(`${name} is something else`)
    await host.files.makeDirectory(join(folder, 'store'))
    await host.files.writeAtomic(at(sha256), bytes)
    const pin = { name, sha256, sizeBytes: bytes.length }
    kept.set(sha256, pin)
    return pin
  }
  return {
    find: async ({ sha256 }) => kept.get(sha256),
    addFile: (source, expected) => keep(source, expected ?? { name: source, sha256: '' }),
    moveFile: async (source, expected) => {
      const pin = await keep(source, expected)
      await host.files.remove(source)
      return pin
    },
    addDownload: () => Promise.reject(new Error('nothing is downloaded')),
    path: async ({ sha256 }) => at(sha256),
  }
}

type Extra = NonNullable<NonNullable<Profile['images']>['extra']>

const requestFor = (
  extra: Extra,
  used: readonly Architecture[] = ['arm64'],
  previous: Lock | null = null,
): LockRequest =>
  ({
    images: imageRequests({ images: { extra }, cluster: {} } as Profile, used),
    pull: [],
    folder,
    previous,
  }) as unknown as LockRequest

const archiveOf = async (text: string): Promise<Buffer> => {
  const annotations = { 'io.containerd.image.name': 'docker.io/library/oven:1.4' }
  return ociArchive([{ annotations, images: [await tinyImage('arm64', [text])] }])
}

const lock = async (
  extra: Extra,
  used: readonly Architecture[] = ['arm64'],
  previous: Lock | null = null,
) => {
  const work = join(folder, 'work')
  await host.files.makeDirectory(work)
  return lockImages(host, store, work, requestFor(extra, used, previous))
}

const locked = async (...args: Parameters<typeof lock>): Promise<readonly LockedImage[]> => {
  const made = await lock(...args)
  if ('problems' in made) throw new Error(made.problems.map(({ message }) => message).join('; '))
  for (const pin of lockedBlobs(made))
    expect((await store.find(pin))?.sizeBytes, pin.name).toBe(pin.sizeBytes)
  return made
}

const problems = async (...args: Parameters<typeof lock>) => {
  const made = await lock(...args)
  if (!('problems' in made)) throw new Error('nothing was wrong')
  return made.problems
}

const write = (name: string, bytes: Buffer): Promise<void> =>
  host.files.writeAtomic(join(folder, name), bytes)

test('a docker archive: names in full, layers as they lie in it, one manifest for all its tags', async () => {
  const image = await tinyImage('arm64', ['one', 'two'], 'plain')
  const archive = await dockerArchive([{ tags: ['oven:1.4', 'example.com/oven:1'], image }])
  await write('a.tar', archive)
  await write('a.tar.gz', gzipSync(archive))
  const [first, second] = await locked([{ file: './a.tar' }])
  expect([first?.name, second?.name]).toEqual(['docker.io/library/oven:1.4', 'example.com/oven:1'])
  expect(first?.platforms.arm64?.layers.map(({ sha256 }) => sha256)).toEqual(image.layers.map(sha256Of))
  expect(first?.platforms.arm64?.config.sha256).toBe(sha256Of(image.config))
  const packed = await locked([{ file: './a.tar.gz' }])
  expect(packed[0]?.platforms).toEqual(first?.platforms)
})

test('an OCI archive counts by its index, though a manifest.json lies beside it', async () => {
  const image = await tinyImage('arm64', ['one'])
  const named = { 'io.containerd.image.name': 'docker.io/library/oven:1.4' }
  await write('a.tar', await ociArchive([{ annotations: named, images: [image] }]))
  const [found] = await locked([{ file: './a.tar' }])
  expect(found).toMatchObject({ key: 'file ./a.tar', name: 'docker.io/library/oven:1.4', index: null })
  expect(found?.platforms.arm64?.manifest.sha256).toBe(sha256Of(image.manifest))
})

test('a layout with an index gives each architecture its own, by one name', async () => {
  const images = await Promise.all(['arm64', 'amd64', 's390x'].map((each) => tinyImage(each, [each])))
  const annotations = { 'org.opencontainers.image.ref.name': 'example.com/oven:1.4' }
  await writeLayout(host, join(folder, 'layout'), [{ annotations, images }])
  const [found, ...more] = await locked([{ oci: './layout' }], ['amd64', 'arm64'])
  expect(more).toEqual([])
  expect(found?.name).toBe('example.com/oven:1.4')
  expect(found?.index).toMatch(/^[0-9a-f]{64}$/)
  expect(found?.platforms.arm64?.manifest.sha256).toBe(sha256Of(images[0]?.manifest ?? Buffer.alloc(0)))
  expect(found?.platforms.amd64?.manifest.sha256).toBe(sha256Of(images[1]?.manifest ?? Buffer.alloc(0)))
})

test('a bare tag is no name: L0014 asks for `as`, which then counts', async () => {
  const image = await tinyImage('arm64', ['one'])
  const annotations = { 'org.opencontainers.image.ref.name': '1.4' }
  await write('a.tar', await ociArchive([{ annotations, images: [image] }]))
  expect(await problems([{ file: './a.tar' }])).toMatchObject([{ code: 'L0014', at: ['images', 'extra', 0] }])
  expect((await locked([{ file: './a.tar', as: 'example.com/oven:1.4' }]))[0]?.name).toBe(
    'example.com/oven:1.4',
  )
})

test('a platform that is not there is named with those that are: L0012', async () => {
  const images = await Promise.all(['amd64', 's390x'].map((each) => tinyImage(each, [each])))
  await writeLayout(host, join(folder, 'layout'), [{ annotations: {}, images }])
  const [problem] = await problems([{ oci: './layout', as: 'oven:1' }], ['amd64', 'arm64'])
  expect(problem).toMatchObject({
    code: 'L0012',
    message: expect.stringContaining('linux/amd64, linux/s390x'),
  })
  expect(problem?.help).toContain('architectures: [amd64]')
  await locked([{ oci: './layout', as: 'oven:1', architectures: ['amd64'] }], ['amd64', 'arm64'])
})

test('what is no image, or is damaged, is L0013 with the reason; all faults come at once', async () => {
  const image = await tinyImage('arm64', ['one'])
  const archive = await ociArchive([{ annotations: { 'io.containerd.image.name': 'a:1' }, images: [image] }])
  await write('text.tar', Buffer.from('hello '.repeat(400)))
  await write('cut.tar', archive.subarray(0, archive.length - 2048))
  const flipped = Buffer.from(archive)
  const place = flipped.indexOf(image.config) + 4
  flipped[place] = (flipped[place] ?? 0) ^ 1
  await write('flipped.tar', flipped)
  const found = await problems([{ file: './text.tar' }, { file: './cut.tar' }, { file: './flipped.tar' }])
  expect(found.map(({ code }) => code)).toEqual(['L0013', 'L0013', 'L0013'])
  expect(found[2]?.message).toContain('is not what its name says')
})

test('what is not there, or the other of the two kinds, is told together with all other faults', async () => {
  await write('text.tar', Buffer.from('hello '.repeat(400)))
  await host.files.makeDirectory(join(folder, 'layout'))
  const found = await problems([
    { file: './missing.tar' },
    { file: './layout' },
    { oci: './text.tar' },
    { oci: './layout' },
  ])
  expect(found.map(({ code, message }) => `${code} ${message.replace(`${folder}/`, '')}`)).toEqual([
    'L0039 missing.tar is missing',
    'L0013 layout is a folder',
    'L0013 text.tar is a file',
    'L0013 oci ./layout is no OCI layout',
  ])
})

test.each<readonly [string, () => Promise<Buffer>, RegExp]>([
  [
    'another image',
    async () => archiveOf('two'),
    /does not hold docker\.io\/library\/oven:1\.4 as the lock pins it/,
  ],
  ['no image', async () => Buffer.from('hello '.repeat(400)), /cannot be unpacked/],
])('an archive that became %s is told when its images have to be brought back', async (_, bytes, words) => {
  await write('a.tar', await archiveOf('one'))
  const pinned = await locked([{ file: './a.tar' }])
  const restore = () =>
    restoreImages(host, createFolderStore(), join(folder, 'work'), requestFor([{ file: './a.tar' }]), pinned)
  await restore()
  await write('a.tar', await bytes())
  await expect(restore()).rejects.toMatchObject({
    name: 'EnvironmentFault',
    code: 'L0013',
    at: ['images', 'extra', 0],
    message: expect.stringMatching(words),
  })
})

test('two archives that call different images by one name: L0019', async () => {
  const annotations = { 'io.containerd.image.name': 'docker.io/library/oven:1.4' }
  for (const name of ['a', 'b'])
    await write(
      `${name}.tar`,
      await ociArchive([{ annotations, images: [await tinyImage('arm64', [name])] }]),
    )
  expect(await problems([{ file: './a.tar' }, { file: './b.tar' }])).toMatchObject([
    { code: 'L0019', at: ['images', 'extra', 1] },
  ])
})

test('an image that changed behind its name is taken, and said; an unchanged one is not', async () => {
  const annotations = { 'io.containerd.image.name': 'docker.io/library/oven:1.4' }
  const save = async (text: string): Promise<void> =>
    write('a.tar', await ociArchive([{ annotations, images: [await tinyImage('arm64', [text])] }]))
  await save('one')
  const before = await locked([{ file: './a.tar' }])
  expect(await locked([{ file: './a.tar' }], ['arm64'], { images: before } as Lock)).toEqual(before)
  expect(host.lines).toEqual([])
  await save('two')
  const after = await locked([{ file: './a.tar' }], ['arm64'], { images: before } as Lock)
  expect(after[0]?.platforms).not.toEqual(before[0]?.platforms)
  expect(host.lines).toEqual([
    expect.stringContaining('oven:1.4 for arm64 is another image than the lock pinned'),
  ])
})
