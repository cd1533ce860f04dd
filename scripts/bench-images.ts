/**
 * `npx tsx scripts/bench-images.ts`: merges images with 5 GB of layers that cannot be packed, as registries serve them, and
 * compares with `zstd -T2` alone over the same bytes. `scripts/bench.ts` takes its rows from here.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { $ } from 'zx'
import { createNodeHost } from '../src/host/node-host.ts'
import { createArtifactStore } from '../src/materialise/artifact-store.ts'
import { createBuiltStore } from '../src/materialise/built-store.ts'
import { buildImageArchive } from '../src/materialise/image-archive.ts'
import type { ArtifactPin, ImageArchive } from '../src/plan/build-plan.ts'
import { archiveTarBytes, planImageArchive } from '../src/plan/image-archive.ts'
import { imageBytes } from '../src/resolve/image-pins.ts'
import type { ResolvedImage } from '../src/resolve/resolved-profile.ts'
import { measure } from './measure.ts'

export interface ImageFigure {
  readonly what: string
  readonly measured: string
  readonly bar: string
}

const layerMegabytes = 250
const layerCount = 20
const self = fileURLToPath(import.meta.url)
const seconds = (value: number): string => `${value.toFixed(1)} s`
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

/** Layers of noise in a store; every image has the first four besides one of its own. */
const makeImages = async (cache: string): Promise<readonly ResolvedImage[]> => {
  const host = createNodeHost()
  const store = createArtifactStore(host, cache)
  const layers: ArtifactPin[] = []
  const fresh = join(cache, 'fresh')
  for (let count = 0; count < layerCount; count += 1) {
    await $`head -c ${layerMegabytes}M /dev/urandom > ${fresh}`
    layers.push(await store.addFile(fresh))
  }
  const document = async (text: string): Promise<ArtifactPin> => {
    await writeFile(fresh, text)
    return store.addFile(fresh)
  }
  const images: ResolvedImage[] = []
  for (const [number, own] of layers.slice(4).entries()) {
    const [manifest, config] = [
      await document(`{"manifest":${number}}`),
      await document(`{"config":${number}}`),
    ]
    const layerPins = [...layers.slice(0, 4), own].map((pin) => ({
      ...pin,
      mediaType: 'application/x.tar+gzip',
    }))
    const type = 'application/vnd.oci.image.manifest.v1+json'
    const image = {
      manifest: { ...manifest, mediaType: type },
      config: { ...config, mediaType: 'application/json' },
      layers: layerPins,
    }
    images.push({
      name: `bench.local/image:${number}`,
      architecture: 'amd64',
      image,
      index: null,
      from: 'bench',
      pulled: true,
    })
  }
  await rm(fresh)
  await host.close()
  return images
}

const merge = async (cache: string): Promise<void> => {
  const host = createNodeHost()
  const archive = JSON.parse(await readFile(join(cache, 'archive.json'), 'utf8')) as ImageArchive
  const stores = { artifacts: createArtifactStore(host, cache), built: createBuiltStore(host, cache), cache }
  await buildImageArchive(host, stores, archive)
  await host.close()
}

export const imageFigures = async (folder: string): Promise<readonly ImageFigure[]> => {
  const cache = join(folder, 'images-cache')
  await mkdir(cache, { recursive: true })
  const known = join(cache, 'images.json')
  if (!existsSync(known)) await writeFile(known, JSON.stringify(await makeImages(cache)))
  const images = JSON.parse(await readFile(known, 'utf8')) as readonly ResolvedImage[]
  const archive = planImageArchive(images)
  await writeFile(join(cache, 'archive.json'), JSON.stringify(archive))
  const files = archive.blobs.map(({ sha256 }) => join(cache, 'store', sha256.slice(0, 2), sha256))
  const world = { cwd: folder, env: process.env }
  const alone = await measure(
    [
      'sh',
      '-c',
      'out=$1; shift; cat "$@" | zstd -q -T2 -f -o "$out"',
      'sh',
      join(cache, 'alone.zst'),
      ...files,
    ],
    world,
  )
  await rm(join(cache, 'alone.zst'))
  await rm(join(cache, 'built'), { recursive: true, force: true })
  const merged = await measure(
    [process.execPath, '--import', import.meta.resolve('tsx'), self, 'merge', cache],
    world,
  )
  const listed = images.reduce((sum, { image }) => sum + imageBytes(image), 0)
  return [
    {
      what: `zstd -T2 alone over ${megabytes(archiveTarBytes(archive))} of layers`,
      measured: seconds(alone.seconds),
      bar: '(to compare)',
    },
    {
      what: `${images.length} images merged into one archive`,
      measured: `${seconds(merged.seconds)}, ${(alone.seconds / merged.seconds).toFixed(2)} of its speed`,
      bar: '>= 0.60',
    },
    {
      what: 'peak memory of the merge, Node and its children',
      measured: megabytes(merged.peakBytes + merged.childrenPeakBytes),
      bar: '<= 300 MB',
    },
    {
      what: 'bytes of these images one by one, and with each blob once',
      measured: `${megabytes(listed)}, ${megabytes(archiveTarBytes(archive))}`,
      bar: '(dedupe)',
    },
  ]
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv[2] === 'merge') await merge(process.argv[3] ?? '')
  else
    for (const { what, measured, bar } of await imageFigures(resolve('out/bench')))
      console.log(`| ${what} | ${measured} | ${bar} |`)
}
