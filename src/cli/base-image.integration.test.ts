import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NodeHost } from '../host/node-host.ts'
import { createNodeHost } from '../host/node-host.ts'
import type { BuildPlan } from '../plan/build-plan.ts'
import type { TinyPartition } from '../resolve/update-lock/base-image/testing.ts'
import { cloudPartitions, makeTinyDisk } from '../resolve/update-lock/base-image/testing.ts'
import type { Inspection } from '../verify/inspection.ts'
import { runCli } from './testing/run-cli.ts'

/** From a file that a user gives to images of two nodes, by the program itself. */

let host: NodeHost
let folder: string

/** As much of a release as an image is made of; nothing in it is run. */
const release = {
  'k3s-arm64': 'a program',
  'k3s-airgap-images-arm64.tar.zst': 'images',
  'k3s-images.txt': 'docker.io/rancher/mirrored-pause:3.6\n',
} as const

const profileOf = (image: string, board: string): string => `apiVersion: appliance/v1alpha1
cluster:
  name: site
  state: { encryption: none }
  k3s: { version: v1.33.1+k3s1 }
base: { image: { file: ./${image} } }
defaults: { board: ${board} }
nodes:
  - { name: site-1, role: server }
  - { name: site-2, role: agent }
access:
  users:
    - { name: ops, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkRjGN3IGBX+WaZLFVVfWKwgLxrbLtH3Jzu6FOAxagE ops@example.com] }
outputs: [raw, zst]
`

beforeAll(async () => {
  host = createNodeHost({ offline: true })
  folder = await host.files.makeTemporaryDirectory('base-image-')
  await host.files.makeDirectory(join(folder, 'release'))
  const sums: string[] = []
  for (const [name, content] of Object.entries(release)) {
    await host.files.writeAtomic(join(folder, 'release', name), content)
    sums.push(`${createHash('sha256').update(content).digest('hex')}  ${name}\n`)
  }
  await host.files.writeAtomic(join(folder, 'release/sha256sum-arm64.txt'), sums.join(''))
})
afterAll(() => host.close())

const run = async (...args: readonly string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await runCli(args, {
    cwd: folder,
    env: { APPLIANCE_CACHE: join(folder, 'cache') },
  })
  expect(exitCode, stderr).toBe(0)
  return stdout
}

const build = async (name: string, board: string): Promise<BuildPlan> => {
  await host.files.writeAtomic(join(folder, `${name}.yaml`), profileOf(`${name}.img`, board))
  await run('lock', `${name}.yaml`, '--artifacts', 'release')
  await run('build', `${name}.yaml`, '--offline', '-o', `out-${name}`)
  return JSON.parse(await run('plan', `${name}.yaml`, '--format', 'json')) as BuildPlan
}

const bytesOf = async (path: string): Promise<Buffer> =>
  Buffer.from((await host.files.readBytes(join(folder, path))) ?? [])

/** What of two disks differs before `end`: the first bytes of each run of sectors. */
const changedSectors = (before: Buffer, after: Buffer, end: number): readonly number[] =>
  Array.from({ length: end / 512 }, (_, sector) => sector).filter(
    (sector) =>
      before.compare(after, sector * 512, (sector + 1) * 512, sector * 512, (sector + 1) * 512) !== 0,
  )

const make = (name: string, label: 'gpt' | 'dos', partitions: readonly TinyPartition[]): Promise<void> =>
  makeTinyDisk(host, join(folder, `${name}.img`), label, partitions)

test('a cloud image: nothing of it changes but its table, and ours are behind it', async () => {
  await make('cloud', 'gpt', cloudPartitions())
  const plan = await build('cloud', 'arm64-uefi')
  const [image] = plan.baseImages
  const used = Math.max(...(image?.partitions ?? []).map(({ offset, size }) => offset + size))
  const before = await bytesOf('cloud.img')
  const after = await bytesOf('out-cloud/site/site-1.img')
  // Protective MBR, GPT header, and the sector with entries 13 to 16 and the one with 17 to 20.
  expect(changedSectors(before, after, used)).toEqual([0, 1, 5, 6])
  const inspection = JSON.parse(
    await run('inspect', 'out-cloud/site/site-1.img', '--format', 'json'),
  ) as Inspection
  expect(inspection).toMatchObject({
    table: { primary: 'valid', backup: 'valid' },
    payload: { k3sVersion: 'v1.33.1+k3s1' },
    seed: { node: 'site-1', role: 'server', cluster: 'site' },
  })
  expect(inspection.table.partitions.map(({ name }) => name)).toEqual(['root', '', 'esp', 'payload', 'seed'])
  expect(await run('inspect', 'out-cloud/site/site-2.img')).toContain('node site-2, agent')

  // Packed and raw are the same disk; a second build in another folder gives the same bytes.
  await host.exec([
    'zstd',
    '-dq',
    join(folder, 'out-cloud/site/site-2.img.zst'),
    '-o',
    join(folder, 'unpacked'),
  ])
  expect((await bytesOf('unpacked')).equals(await bytesOf('out-cloud/site/site-2.img'))).toBe(true)
  await run('build', 'cloud.yaml', '--offline', '-o', 'again')
  const sums = async (out: string): Promise<string> => (await bytesOf(`${out}/site/SHA256SUMS`)).toString()
  expect(await sums('again')).toBe(await sums('out-cloud'))
  expect((await bytesOf('out-cloud/site/build.json')).toString()).toContain(image?.artifact.sha256)
})
