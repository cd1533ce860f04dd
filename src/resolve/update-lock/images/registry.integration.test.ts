import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { TestHost } from '../../../host/testing.ts'
import { createTestHost } from '../../../host/testing.ts'
import { createArtifactStore } from '../../../materialise/artifact-store.ts'
import type { Profile } from '../../../profile/schema.ts'
import { lockedBlobs } from '../../image-pins.ts'
import { imageRequests } from '../../image-requests.ts'
import type { Lock, LockedImage } from '../../lock.ts'
import type { LockRequest, PullSettings } from '../../lock-request.ts'
import type { Architecture } from '../../pins.ts'
import { sha256Of } from './documents.ts'
import { lockImages, restoreImages } from './lock-images.ts'
import type { TestRegistry } from './testing/registry.ts'
import { login, pushImages, startRegistry } from './testing/registry.ts'
import type { TinyImage } from './testing/tiny-images.ts'
import { tinyImage } from './testing/tiny-images.ts'

let host: TestHost
let folder: string
let registry: TestRegistry
let images: Readonly<Record<Architecture, TinyImage>>
let run = 0
let cache: string

const push = (name: string, pushed: readonly TinyImage[]): Promise<void> => {
  run += 1
  return pushImages(host, registry, join(folder, `push-${run}`), name, pushed)
}

beforeAll(async () => {
  host = createTestHost({ offline: false, environment: { PATH: process.env['PATH'], HOME: '/nonexistent' } })
  folder = await host.files.makeTemporaryDirectory('registry-')
  registry = await startRegistry(host, folder)
  const noise = (): string => randomBytes(40_000).toString('hex')
  const [one, two] = [noise(), noise()]
  images = {
    arm64: await tinyImage('arm64', [one, two, 'arm64']),
    amd64: await tinyImage('amd64', [one, 'amd64']),
  }
  await push('shop/oven:1.4', [images.arm64, images.amd64])
}, 60_000)
beforeEach(() => {
  registry.disturb({})
  run += 1
  cache = join(folder, `cache-${run}`)
})
afterAll(async () => {
  await registry.close()
  await host.close()
})

const settings = (changes: Partial<PullSettings> = {}): PullSettings => ({
  registry: registry.through,
  login: {
    username: login.username,
    password: { at: 'images.pull[0].password', source: { env: 'PASSWORD' } },
  },
  ca: registry.ca,
  mirrors: [],
  insecure: false,
  ...changes,
})

interface Wish {
  readonly used?: readonly Architecture[]
  readonly pull?: readonly PullSettings[]
  readonly password?: string
  readonly previous?: readonly LockedImage[]
}

const requestFor = (
  name: string,
  { used = ['arm64'], pull = [settings()], password = login.password, previous }: Wish,
) =>
  ({
    images: imageRequests({ images: { extra: [name] }, cluster: {} } as unknown as Profile, used),
    pull,
    folder,
    readSecret: async () => new TextEncoder().encode(password),
    previous: previous === undefined ? null : ({ images: previous } as Lock),
  }) as unknown as LockRequest

const lock = async (name: string, wish: Wish = {}) => {
  const work = join(cache, 'tmp/lock')
  await host.files.makeDirectory(work)
  const store = createArtifactStore(host, cache)
  const made = await lockImages(host, store, work, requestFor(name, wish))
  if (!('problems' in made))
    for (const pin of lockedBlobs(made)) expect(await store.has(pin), pin.name).toBe(true)
  return made
}

const locked = async (name: string, wish: Wish = {}): Promise<readonly LockedImage[]> => {
  const made = await lock(name, wish)
  if ('problems' in made) throw new Error(made.problems.map(({ message }) => message).join('; '))
  return made
}

const oven = (): string => `${registry.through}/shop/oven:1.4`
const isLayer = (path: string | undefined): boolean =>
  images.arm64.layers.some((layer) => path?.endsWith(`/blobs/sha256:${sha256Of(layer)}`))

test('an index is resolved to each architecture: digests as pushed, password in no command line', async () => {
  const [image] = await locked(oven(), { used: ['amd64', 'arm64'] })
  for (const each of ['arm64', 'amd64'] as const) {
    const pin = image?.platforms[each]
    expect(pin?.manifest.sha256).toBe(sha256Of(images[each].manifest))
    expect(pin?.config.sha256).toBe(sha256Of(images[each].config))
    expect(pin?.layers.map(({ sha256 }) => sha256)).toEqual(images[each].layers.map(sha256Of))
  }
  expect(image).toMatchObject({ name: oven(), index: expect.stringMatching(/^[0-9a-f]{64}$/) })
  const shared = sha256Of(images.arm64.layers[0] ?? Buffer.alloc(0))
  expect(registry.asked.filter((path) => path.endsWith(shared))).toHaveLength(1)
  expect(JSON.stringify(host.calls)).not.toContain(login.password)
  const again = await locked(oven(), {
    used: ['amd64', 'arm64'],
    previous: [...(image === undefined ? [] : [image])],
  })
  expect(again).toEqual([image])
})

test('a digest is pinned as it is, and named so that k3s takes it', async () => {
  const sha256 = sha256Of(images.arm64.manifest)
  const [image] = await locked(`${registry.through}/shop/oven@sha256:${sha256}`)
  expect(image).toMatchObject({ index: null, name: `${registry.through}/shop/oven:sha256-${sha256}` })
})

test('L0010: no such tag; L0011: another password; L0012: no such platform; L0015: an unknown CA', async () => {
  expect(await lock(`${registry.through}/shop/oven:9`)).toMatchObject({ problems: [{ code: 'L0010' }] })
  await expect(lock(oven(), { password: 'another-one' })).rejects.toMatchObject({
    code: 'L0011',
    message: expect.stringContaining('the user builder'),
    help: expect.not.stringContaining('another-one'),
  })
  await expect(lock(oven(), { pull: [settings({ login: null })] })).rejects.toMatchObject({
    code: 'L0011',
    help: expect.stringContaining('/nonexistent/.docker/config.json'),
  })
  await push('shop/bell:1', [images.amd64])
  expect(await lock(`${registry.through}/shop/bell:1`)).toMatchObject({
    problems: [{ code: 'L0012', message: expect.stringContaining('it has linux/amd64') }],
  })
  await expect(lock(oven(), { pull: [settings({ ca: null })] })).rejects.toMatchObject({ code: 'L0015' })
}, 60_000)

test('a mirror is asked first, with a login of its own, and the registry itself not at all', async () => {
  const mirrors = [`${registry.through}/shop`]
  const pull = [settings({ registry: 'images.invalid', login: null, ca: null, mirrors }), settings()]
  const [image] = await locked('images.invalid/oven:1.4', { pull })
  expect(image).toMatchObject({ name: 'images.invalid/oven:1.4' })
  expect(image?.platforms.arm64?.manifest.sha256).toBe(sha256Of(images.arm64.manifest))
})

test('429: the pause that is asked for is kept, then it goes on', async () => {
  let refusals = 0
  registry.disturb({
    intercept: ({ url }, answer) => {
      if (!url?.includes('/manifests/1.4') || refusals >= 2) return false
      refusals += 1
      answer.writeHead(429, { 'retry-after': '1' }).end('{"errors":[{"code":"TOOMANYREQUESTS"}]}')
      return true
    },
  })
  const startedAt = performance.now()
  await locked(oven())
  expect(refusals).toBe(2)
  expect(performance.now() - startedAt).toBeGreaterThan(1900)
}, 60_000)

test('a tampered layer is refused (L0018) and not kept; a tampered manifest too', async () => {
  const flip = (body: Buffer): Buffer => {
    const changed = Buffer.from(body)
    changed[20] = (changed[20] ?? 0) ^ 1
    return changed
  }
  registry.disturb({ alter: ({ url }, body) => (isLayer(url) ? flip(body) : body) })
  await expect(lock(oven())).rejects.toMatchObject({ code: 'L0018' })
  const store = createArtifactStore(host, cache)
  for (const layer of images.arm64.layers)
    expect(await store.find({ name: 'layer', sha256: sha256Of(layer) })).toBeUndefined()
  const spaced = (body: Buffer): Buffer => Buffer.concat([body, Buffer.from(' ')])
  const manifest = `/manifests/sha256:${sha256Of(images.arm64.manifest)}`
  registry.disturb({
    alter: ({ url }, body) => (url?.endsWith(manifest) && body.length > 0 ? spaced(body).subarray(1) : body),
  })
  await expect(lock(oven())).rejects.toMatchObject({ code: expect.stringMatching(/^L001[78]$/) })
}, 60_000)

test('a registry that dies in mid-pull: what came is kept; when it is back only the rest is asked for', async () => {
  const last = sha256Of(images.arm64.layers.at(-1) ?? Buffer.alloc(0))
  let cuts = 0
  registry.disturb({
    alter: ({ url }, body) => {
      if (!url?.endsWith(last)) return body
      cuts += 1
      return null
    },
  })
  await expect(lock(oven())).rejects.toMatchObject({
    code: 'L0017',
    help: expect.stringContaining('replay: '),
  })
  expect(cuts).toBeGreaterThanOrEqual(3)
  await registry.stop()
  registry.disturb({})
  await expect(lock(oven())).rejects.toMatchObject({ code: 'L0017' })
  await registry.start()
  registry.disturb({})
  await locked(oven())
  expect(registry.asked.filter(isLayer).map((path) => path.slice(-64))).toEqual([last])
}, 90_000)

test('a build with an empty cache fetches by digest what the lock pins, also when the tag has moved', async () => {
  await push('shop/moved:1', [images.arm64])
  const name = `${registry.through}/shop/moved:1`
  const before = await locked(name)
  await push('shop/moved:1', [await tinyImage('arm64', ['another'])])
  cache = join(folder, `cache-${run}-empty`)
  const store = createArtifactStore(host, cache)
  const work = join(cache, 'tmp/restore')
  await host.files.makeDirectory(work)
  await restoreImages(host, store, work, requestFor(name, {}), before)
  for (const pin of lockedBlobs(before)) expect(await store.has(pin), pin.name).toBe(true)
  const after = await locked(name, { previous: before })
  expect(after[0]?.platforms).not.toEqual(before[0]?.platforms)
  expect(host.lines.at(-1)).toContain('moved:1 for arm64 is another image than the lock pinned')
}, 60_000)
