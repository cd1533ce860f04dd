import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestHost } from '../host/testing.ts'
import { createTestHost } from '../host/testing.ts'
import type { ImageArchive } from '../plan/build-plan.ts'
import { archiveTarBytes, packedArchiveBounds, planImageArchive } from '../plan/image-archive.ts'
import { imageBytes } from '../resolve/image-pins.ts'
import type { ResolvedImage } from '../resolve/resolved-profile.ts'
import { sha256Of } from '../resolve/update-lock/images/documents.ts'
import type { TinyImage } from '../resolve/update-lock/images/testing/tiny-images.ts'
import { tinyImage } from '../resolve/update-lock/images/testing/tiny-images.ts'
import { createArtifactStore } from './artifact-store.ts'
import { createBuiltStore } from './built-store.ts'
import { buildImageArchive } from './image-archive.ts'

let host: TestHost
let folder: string
let archive: ImageArchive
let images: readonly ResolvedImage[]

const pinOf = (bytes: Buffer, mediaType: string) => ({
  mediaType,
  sha256: sha256Of(bytes),
  sizeBytes: bytes.length,
})

const resolved = (name: string, { manifest, config, layers }: TinyImage): ResolvedImage => ({
  name,
  architecture: 'amd64',
  image: {
    manifest: pinOf(manifest, 'application/vnd.oci.image.manifest.v1+json'),
    config: pinOf(config, 'application/vnd.oci.image.config.v1+json'),
    layers: layers.map((layer) => pinOf(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')),
  },
  index: null,
  from: 'images.extra[0]',
  pulled: true,
})

const stores = (cache: string) => ({
  artifacts: createArtifactStore(host, cache),
  built: createBuiltStore(host, cache),
  cache,
})

const fill = async (cache: string, made: readonly TinyImage[]): Promise<void> => {
  const { artifacts } = stores(cache)
  for (const bytes of made.flatMap(({ manifest, config, layers }) => [manifest, config, ...layers])) {
    const path = join(folder, 'new')
    await host.files.writeAtomic(path, bytes)
    await artifacts.addFile(path)
  }
}

beforeAll(async () => {
  host = createTestHost()
  folder = await host.files.makeTemporaryDirectory('archive-')
  const shared = 'what both have '.repeat(5000)
  const oven = await tinyImage('amd64', [shared, 'oven'])
  const bell = await tinyImage('amd64', [shared, 'bell'])
  images = [
    resolved('registry.example.com:5000/shop/oven:1.4', oven),
    resolved('docker.io/library/bell:2', bell),
    resolved('docker.io/library/bell:latest-2', bell),
  ]
  archive = planImageArchive(images)
  for (const cache of ['a', 'b']) await fill(join(folder, cache), [oven, bell])
})
afterAll(() => host.close())

const build = (cache: string): Promise<string> =>
  buildImageArchive(host, stores(join(folder, cache)), archive)

test('same bytes in two caches, of the size that the plan says, each blob once', async () => {
  const [one, two] = [await build('a'), await build('b')]
  expect(await host.files.sha256(one)).toBe(await host.files.sha256(two))
  const tar = join(folder, 'plain.tar')
  await host.exec(['zstd', '-dq', one, '-o', tar])
  expect((await host.files.stat(tar))?.sizeBytes).toBe(archiveTarBytes(archive))
  const { lower, upper } = packedArchiveBounds(archive)
  const packed = (await host.files.stat(one))?.sizeBytes ?? 0
  expect(packed).toBeGreaterThanOrEqual(lower)
  expect(packed).toBeLessThanOrEqual(upper)
  const { stdout } = await host.exec(['tar', '-tf', tar])
  const names = stdout.trim().split('\n')
  expect(names.slice(0, 2)).toEqual(['oci-layout', 'index.json'])
  expect(new Set(names).size).toBe(names.length)
  // Two images of two layers, one of them shared: 2 manifests, 2 configurations, 3 layers.
  expect(names.length).toBe(2 + 7)
})

test('what was hashed while it was written is what lies there', async () => {
  const path = await build('a')
  const manifest = await createBuiltStore(host, join(folder, 'a')).manifest(join(path, '..'))
  expect(manifest.files['images.tar.zst']?.sha256).toBe(await host.files.sha256(path))
})

test('zstd writes the window that k3s reads', async () => {
  const { stdout } = await host.exec(['zstd', '-lv', await build('a')])
  const [, size = '', unit = ''] = /Window Size: ([\d.]+) ([KM]?i?B)/.exec(stdout) ?? []
  const bytes = Number(size) * ({ B: 1, KiB: 1024, MiB: 1024 * 1024 }[unit] ?? Number.NaN)
  expect(bytes).toBeLessThanOrEqual(2 ** 25)
})

test('skopeo reads every image of it by name, with the digest of the plan', async () => {
  const tar = join(folder, 'skopeo.tar')
  await host.exec(['zstd', '-dq', await build('a'), '-o', tar])
  for (const { name, image } of images) {
    const { stdout } = await host.exec(['skopeo', 'inspect', `oci-archive:${tar}:${name}`])
    const found = JSON.parse(stdout) as { Digest: string; Layers: readonly string[] }
    expect(found.Digest).toBe(`sha256:${image.manifest.sha256}`)
    expect(found.Layers).toEqual(image.layers.map(({ sha256 }) => `sha256:${sha256}`))
  }
})

/** containerd needs root for its socket and its folders. */
test.skipIf(process.getuid?.() !== 0)(
  'containerd imports it: names, digests and sizes of the plan',
  async () => {
    const root = join(folder, 'containerd')
    const address = join(folder, 'containerd.sock')
    const config = join(folder, 'containerd.toml')
    await host.files.writeAtomic(
      config,
      `version = 2\nroot = "${root}/root"\nstate = "${root}/state"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\naddress = "${address}"\n`,
    )
    const daemon = spawn('containerd', ['--config', config], { stdio: 'ignore' })
    const ctr = (...words: string[]) =>
      host.exec(['ctr', '--address', address, '--namespace', 'k8s.io', ...words])
    try {
      await expect
        .poll(
          () =>
            ctr('version').then(
              () => 'up',
              () => 'down',
            ),
          { timeout: 20_000 },
        )
        .toBe('up')
      const tar = join(folder, 'containerd.tar')
      await host.exec(['zstd', '-dq', await build('a'), '-o', tar])
      await ctr('images', 'import', '--no-unpack', '--all-platforms', tar)
      const { stdout } = await ctr('images', 'list')
      for (const { name, image } of images) {
        const line = stdout.split('\n').find((text) => text.startsWith(`${name} `))
        expect(line, name).toContain(`sha256:${image.manifest.sha256}`)
      }
      const { stdout: blobs } = await ctr('content', 'list')
      const sizes = new Map(
        blobs
          .split('\n')
          .slice(1)
          .flatMap((text) => (text.startsWith('sha256:') ? [text.split(/\s+/)[0] ?? ''] : []))
          .map((digest) => [digest, digest] as const),
      )
      for (const { sha256 } of archive.blobs) expect(sizes.has(`sha256:${sha256}`), sha256).toBe(true)
      for (const { name, image } of images) {
        const { stdout: said } = await ctr('images', 'check', `name==${name}`)
        expect(said).toMatch(/complete/)
        expect(imageBytes(image)).toBeGreaterThan(0)
      }
    } finally {
      daemon.kill('SIGTERM')
      await once(daemon, 'exit')
    }
  },
)
