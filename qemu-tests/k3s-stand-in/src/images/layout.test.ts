import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { afterAll, expect, test } from 'vitest'
import { makeImageArchive } from '../../packaging/image-archive.ts'
import { IMAGE_NAMES } from '../../packaging/image-names.ts'
import { readArchive } from './archive.ts'
import { normalizeRepoTag, parseTagged } from './reference.ts'

const folder = mkdtempSync(join(tmpdir(), 'archive-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function archive(files: Readonly<Record<string, unknown>>, name = 'a.tar'): Promise<string> {
  const tar = pack()
  for (const [path, content] of Object.entries(files)) {
    tar.entry({ name: path }, typeof content === 'string' ? content : JSON.stringify(content))
  }
  tar.finalize()
  const bytes = await buffer(tar)
  return file(name, name.endsWith('gz') ? gzipSync(bytes) : bytes)
}

function file(name: string, bytes: Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

test('an archive of this build is whole and named', async () => {
  const bytes = await makeImageArchive(IMAGE_NAMES, 'arm64')
  const images = await readArchive(file('built.tar', bytes))
  expect(images.map(({ name }) => name)).toEqual(IMAGE_NAMES)
  expect(images.every(({ platform, size }) => platform === 'linux/arm64' && size > 0)).toBe(true)
  expect(bytes.equals(await makeImageArchive(IMAGE_NAMES, 'arm64'))).toBe(true)
})

test('a changed byte in a blob is found', async () => {
  const bytes = await makeImageArchive(IMAGE_NAMES, 'amd64')
  bytes[bytes.indexOf('mirrored-pause:3.6 amd64')] = 0x58
  await expect(readArchive(file('changed.tar', bytes))).rejects.toThrow('unexpected commit digest')
})

test('a docker archive is named by its tags, in full', async () => {
  const path = await archive(
    {
      'manifest.json': [{ Config: 'c.json', RepoTags: ['alpine:3', 'ghcr.io/a/b'], Layers: ['l/layer.tar'] }],
      'c.json': { architecture: 'amd64', os: 'linux' },
      'l/layer.tar': 'layer',
    },
    'docker.tar.gz',
  )
  const names = (await readArchive(path)).map(({ name }) => name)
  expect(names).toEqual(['docker.io/library/alpine:3', 'ghcr.io/a/b:latest'])
})

test('a docker archive without tags has no names, one without layers is refused', async () => {
  const config = { 'c.json': { architecture: 'amd64', os: 'linux' } }
  const untagged = await archive({
    'manifest.json': [{ Config: 'c.json', RepoTags: null, Layers: [] }],
    ...config,
  })
  expect(await readArchive(untagged)).toEqual([])
  const broken = await archive({
    'manifest.json': [{ Config: 'c.json', RepoTags: ['a:1'], Layers: ['x'] }],
    ...config,
  })
  await expect(readArchive(broken)).rejects.toThrow('layer "x" not found')
})

test('with an OCI layout manifest.json does not count and a bare tag is taken as it is', async () => {
  const bytes = await makeImageArchive(['docker.io/library/a:1'], 'amd64')
  const text = bytes.toString('latin1').replace('io.containerd.image.name', 'io.containerd.image.nope')
  const images = await readArchive(file('oci.tar', Buffer.from(text, 'latin1')))
  expect(images.map(({ name }) => name)).toEqual(['1'])
  expect(() => parseTagged('1')).toThrow("can't cast")
})

test('what is no image archive is refused', async () => {
  await expect(readArchive(await archive({ 'readme.txt': 'hello' }))).rejects.toThrow(
    'unrecognized image format',
  )
  await expect(readArchive(await archive({ 'oci-layout': {} }))).rejects.toThrow('missing index.json')
  await expect(readArchive(file('cut.tar.gz', gzipSync('x').subarray(0, 8)))).rejects.toThrow()
  await expect(readArchive(file('a.tar.bz2', Buffer.alloc(10)))).rejects.toThrow('.tar, .tar.gz and .tar.zst')
})

test.for([
  ['alpine', 'docker.io/library/alpine:latest'],
  ['rancher/pause:3.6', 'docker.io/rancher/pause:3.6'],
  ['localhost/x:1', 'localhost/x:1'],
  ['registry:5000/x', 'registry:5000/x:latest'],
] as const)('%s in full', ([short, full]) => {
  expect(normalizeRepoTag(short)).toBe(full)
})
