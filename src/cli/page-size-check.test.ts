import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NodeHost } from '../host/node-host.ts'
import { createNodeHost } from '../host/node-host.ts'
import { validateProfile } from '../profile/validate.ts'
import { readRecipes } from '../recipes/read-recipes.ts'
import { samplePiImage } from '../resolve/base-image/testing.ts'
import type { Lock } from '../resolve/lock.ts'
import type { ArtifactPin } from '../resolve/pins.ts'
import { ociArchive, tarOf, tinyImage } from '../resolve/update-lock/images/testing/tiny-images.ts'
import { elfFile } from '../resolve/update-lock/page-size/testing.ts'
import { checkPageSize } from './page-size-check.ts'
import { resourcePath } from './resources.ts'

let host: NodeHost
let folder: string
beforeAll(async () => {
  host = createNodeHost({ offline: true })
  folder = await host.files.makeTemporaryDirectory('pages-')
})
afterAll(async () => {
  await host.files.remove(folder)
  await host.close()
})

const put = async (name: string, bytes: Uint8Array): Promise<ArtifactPin> => {
  await host.files.writeAtomic(join(folder, name), bytes)
  return { name, sha256: name, sizeBytes: bytes.length }
}
const store = { path: async ({ sha256 }: ArtifactPin) => join(folder, sha256) }

const good = elfFile([65536])
const bad = elfFile([65536, 4096])

/** As `docker save` has written them for ten years. */
const dockerArchiveOf = async (program: Buffer): Promise<Buffer> => {
  const layer = await tarOf([
    ['./bin/pause', program],
    ['etc/motd', Buffer.from('hello')],
  ])
  const list = [{ RepoTags: ['rancher/pause:3'], Layers: ['abc/layer.tar'] }]
  return tarOf([
    ['abc/layer.tar', layer],
    ['manifest.json', Buffer.from(JSON.stringify(list))],
  ])
}

/** For two processors; the other one's programs are not for this kernel. */
const layoutOf = async (program: Buffer): Promise<Buffer> => {
  const images = [await tinyImage('amd64', ['x']), await tinyImage('arm64', [program])]
  return ociArchive([{ annotations: { 'io.containerd.image.name': 'docker.io/rancher/pause:3' }, images }])
}

/** A release whose archive has one image, and one image of the profile. */
const lockWith = async (
  k3s: Buffer,
  archived: Buffer,
  own: Buffer,
  archiveOf = dockerArchiveOf,
): Promise<Pick<Lock, 'k3s' | 'images'>> => {
  const archive = await archiveOf(archived)
  const blob = await put('blob', gzipSync(await tarOf([['usr/lib/libjemalloc.so.2', own]])))
  const pin = { ...blob, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' }
  return {
    k3s: {
      version: 'v1.33.1+k3s1',
      source: 'release',
      files: {
        arm64: { binary: await put('k3s-arm64', k3s), airgapImages: await put('images.tar', archive) },
      },
      imageList: pin,
      imageNames: [],
    },
    images: [
      {
        key: 'redis:7',
        name: 'docker.io/library/redis:7',
        index: null,
        platforms: { arm64: { manifest: pin, config: pin, layers: [pin] } },
      },
    ],
  }
}

const check = async (
  kernel: '16k' | '4k' | undefined,
  lock: Pick<Lock, 'k3s' | 'images'>,
  image: Lock['base']['image'] = null,
) => {
  const [recipes] = await readRecipes(host.files, resourcePath('images'))
  if (recipes === undefined) throw new Error('no recipes')
  const pi = recipes.boards['rpi4']
  if (pi === undefined || pi.firmware === 'uefi') throw new Error('no board')
  const large = { ...pi, name: 'large', firmware: { ...pi.firmware, pageSizes: ['4k', '16k'] as const } }
  const [checked, faults] = validateProfile(
    {
      path: 'lab.yaml',
      text: `apiVersion: appliance/v1alpha1
cluster: { name: lab, k3s: { version: v1.33.1+k3s1 } }
nodes:
  - { name: lab-1, role: server, board: large${kernel === undefined ? '' : `, pi: { kernel: ${kernel} }`} }
access:
  users:
    - { name: ops, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com] }
`,
    },
    { ...recipes, boards: { large } },
  )
  if (checked === undefined) throw new Error(faults.map(({ message }) => message).join('; '))
  return checkPageSize(
    host,
    store,
    folder,
    { ...lock, base: { image } },
    { checked, recipes: { boards: { large } } },
  )
}

test('what a kernel with large pages cannot load is told by image and file, at the kernel that was asked for', async () => {
  const [fault, ...others] = await check('16k', await lockWith(bad, bad, bad))
  expect(others).toEqual([])
  expect(fault).toMatchObject({ code: 'L0070', severity: 'error' })
  expect(fault?.message).toBe(
    'a kernel with pages of 16 KiB cannot load k3s-arm64 of k3s-arm64 (4 KiB), bin/pause of rancher/pause:3 (4 KiB), usr/lib/libjemalloc.so.2 of docker.io/library/redis:7 (4 KiB)',
  )
  expect(fault?.range?.file.text.slice(fault.range.start, fault.range.end)).toBe('16k')
})

test('an archive in the OCI layout is searched, too; one that is none is refused', async () => {
  const [fault] = await check('16k', await lockWith(good, bad, good, layoutOf))
  expect(fault?.message).toBe(
    'a kernel with pages of 16 KiB cannot load file.txt of docker.io/rancher/pause:3 (4 KiB)',
  )
  const other = async (program: Buffer): Promise<Buffer> => tarOf([['bin/pause', program]])
  await expect(check('16k', await lockWith(good, bad, good, other))).rejects.toThrow(
    'images.tar has neither a manifest.json nor an OCI layout',
  )
})

test('what fits is not told of', async () => {
  expect(await check('16k', await lockWith(good, good, good))).toEqual([])
})

test('a base image whose kernel has large pages on the board is asked, too', async () => {
  const lock = await lockWith(good, bad, good)
  const [fault] = await check(undefined, lock, { ...samplePiImage, largePages: true })
  expect(fault).toMatchObject({
    code: 'L0070',
    message: 'a kernel with pages of 16 KiB cannot load bin/pause of rancher/pause:3 (4 KiB)',
    help: expect.stringContaining('`kernel=kernel8.img`'),
  })
  expect(fault?.range?.file.text.slice(fault.range.start, fault.range.end)).toBe('large')
  expect(await check(undefined, lock, samplePiImage)).toEqual([])
})

test('with small pages nothing is looked for', async () => {
  expect(await check('4k', await lockWith(bad, bad, bad))).toEqual([])
})
