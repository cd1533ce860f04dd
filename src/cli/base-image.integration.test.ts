import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { flipUnnoticed } from '../assemble/testing.ts'
import type { NodeHost } from '../host/node-host.ts'
import { createNodeHost } from '../host/node-host.ts'
import type { BuildPlan } from '../plan/build-plan.ts'
import { ubuntuPiPartitions } from '../resolve/update-lock/base-image/testing/ubuntu-card.ts'
import type { TinyPartition } from '../resolve/update-lock/base-image/testing.ts'
import {
  cloudPartitions,
  dividedPartitions,
  grownMicroosPartitions,
  makeTinyDisk,
  piPartitions,
} from '../resolve/update-lock/base-image/testing.ts'
import type { Inspection } from '../verify/inspection.ts'
import { runInProcess } from './testing/run-program.ts'

/** From a file that a user gives to images of two nodes, by the program itself. */

let host: NodeHost
let folder: string
const at = (path: string): string => join(folder, path)

/** As much of a release as an image is made of; nothing in it is run. */
const release = {
  arm64: {
    'k3s-arm64': 'a program',
    'k3s-airgap-images-arm64.tar.zst': 'images',
    'k3s-images.txt': 'docker.io/rancher/mirrored-pause:3.6\n',
  },
  amd64: {
    k3s: 'a program',
    'k3s-airgap-images-amd64.tar.zst': 'images',
    'k3s-images.txt': 'docker.io/rancher/mirrored-pause:3.6\n',
  },
} as const

const profileOf = (
  image: string,
  board: string,
  provision = 'cloud-init',
): string => `apiVersion: appliance/v1alpha1
cluster:
  name: site
  state: { encryption: none }
  k3s: { version: v1.33.1+k3s1 }
base: { image: { file: ./${image} } }
provision: ${provision}
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
  vi.stubEnv('APPLIANCE_CACHE', at('cache'))
  await host.files.makeDirectory(at('release'))
  for (const [architecture, files] of Object.entries(release)) {
    const sums: string[] = []
    for (const [name, content] of Object.entries(files)) {
      await host.files.writeAtomic(at(`release/${name}`), content)
      sums.push(`${createHash('sha256').update(content).digest('hex')}  ${name}\n`)
    }
    await host.files.writeAtomic(at(`release/sha256sum-${architecture}.txt`), sums.join(''))
  }
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await host.close()
})

/** In this process: the programs that it calls are real, the start of Node itself is not what is tried here. */
const run = async (...args: readonly string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await runInProcess(args, {
    createHost: ({ offline }) => createNodeHost({ offline }),
  })
  expect(exitCode, stderr).toBe(0)
  return stdout
}

const build = async (name: string, board: string, provision?: string): Promise<BuildPlan> => {
  const profile = at(`${name}.yaml`)
  await host.files.writeAtomic(profile, profileOf(`${name}.img`, board, provision))
  await run('lock', profile, '--artifacts', at('release'))
  await run('build', profile, '--offline', '-o', at(`out-${name}`))
  return JSON.parse(await run('plan', profile, '--format', 'json')) as BuildPlan
}

const bytesOf = async (path: string): Promise<Buffer> =>
  Buffer.from((await host.files.readBytes(at(path))) ?? [])

/** What of two disks differs before `end`: the first bytes of each run of sectors. */
const changedSectors = (before: Buffer, after: Buffer, end: number): readonly number[] =>
  Array.from({ length: end / 512 }, (_, sector) => sector).filter(
    (sector) =>
      before.compare(after, sector * 512, (sector + 1) * 512, sector * 512, (sector + 1) * 512) !== 0,
  )

const make = (name: string, label: 'gpt' | 'dos', partitions: readonly TinyPartition[]): Promise<void> =>
  makeTinyDisk(host, at(`${name}.img`), label, partitions)

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
    await run('inspect', at('out-cloud/site/site-1.img'), '--format', 'json'),
  ) as Inspection
  expect(inspection).toMatchObject({
    table: { primary: 'valid', backup: 'valid' },
    payload: { k3sVersion: 'v1.33.1+k3s1' },
    seed: { node: 'site-1', role: 'server', cluster: 'site' },
  })
  expect(inspection.table.partitions.map(({ name }) => name)).toEqual(['root', '', 'esp', 'payload', 'seed'])
  expect(await run('inspect', at('out-cloud/site/site-2.img'))).toContain('node site-2, agent')

  // What is said of a file is so, though most of it was never hashed for it.
  await host.exec(['sha256sum', '--check', '--quiet', 'SHA256SUMS'], { cwd: at('out-cloud/site') })
  // Packed and raw are the same disk; a build on another machine, with the file beside its profile, gives the same bytes.
  await host.exec(['zstd', '-dq', at('out-cloud/site/site-2.img.zst'), '-o', at('unpacked')])
  expect((await bytesOf('unpacked')).equals(await bytesOf('out-cloud/site/site-2.img'))).toBe(true)
  vi.stubEnv('APPLIANCE_CACHE', at('other-cache'))
  await run('build', at('cloud.yaml'), '--offline', '--artifacts', at('release'), '-o', at('again'))
  vi.stubEnv('APPLIANCE_CACHE', at('cache'))
  const sums = async (out: string): Promise<string> => (await bytesOf(`${out}/site/SHA256SUMS`)).toString()
  expect(await sums('again')).toBe(await sums('out-cloud'))
  expect((await bytesOf('out-cloud/site/build.json')).toString()).toContain(image?.artifact.sha256)
})

test('a cloud image on a disk much larger than it needs: the image ends behind ours', async () => {
  await make('roomy', 'gpt', cloudPartitions())
  await host.exec(['truncate', '--size', '1G', at('roomy.img')])
  await host.exec(['sfdisk', '--quiet', '--no-reread', '--relocate', 'gpt-bak-std', at('roomy.img')])
  const plan = await build('roomy', 'arm64-uefi')
  const used = Math.max(...(plan.baseImages[0]?.partitions ?? []).map(({ offset, size }) => offset + size))
  const image = at('out-roomy/site/site-1.img')
  expect((await host.files.stat(image))?.sizeBytes).toBeLessThan(128 * 1024 ** 2)
  expect(
    changedSectors(await bytesOf('roomy.img'), await bytesOf('out-roomy/site/site-1.img'), used),
  ).toEqual([0, 1, 5, 6])
  const { stdout, stderr } = await host.exec(['sfdisk', '--verify', image])
  expect(`${stdout}${stderr}`).toContain('No errors detected')
  expect(JSON.parse(await run('inspect', image, '--format', 'json'))).toMatchObject({
    table: { primary: 'valid', backup: 'valid' },
  })
})

test('a bit of a base that flips in the cache is found before an image is made of it, and the next build mends it', async () => {
  await make('flipped', 'gpt', cloudPartitions())
  const profile = at('flipped.yaml')
  await host.files.writeAtomic(profile, profileOf('flipped.img', 'arm64-uefi'))
  vi.stubEnv('APPLIANCE_CACHE', at('cache-flipped'))
  try {
    await run('lock', profile, '--artifacts', at('release'))
    const disks = at('cache-flipped/built/base-image')
    const [id = ''] = await host.files.list(disks)
    await flipUnnoticed(host, join(disks, id), 'disk', 'stamps.json', 6 * 1024 ** 2)
    const argv = ['build', profile, '--offline', '-o', at('out-flipped')]
    const { exitCode, stderr } = await runInProcess(argv, {
      createHost: ({ offline }) => createNodeHost({ offline }),
    })
    expect({ exitCode, stderr }).toEqual({
      exitCode: 4,
      stderr: expect.stringContaining('disk does not have the content it was made with'),
    })
    expect(await host.files.stat(at('out-flipped/site/site-1.img'))).toBeUndefined()
    await run(...argv)
    await host.exec(['sha256sum', '--check', '--quiet', 'SHA256SUMS'], { cwd: at('out-flipped/site') })
  } finally {
    vi.stubEnv('APPLIANCE_CACHE', at('cache'))
  }
})

test('a card of a Raspberry Pi: its documents are replaced, every other file keeps its hash', async () => {
  await make('pi', 'dos', piPartitions())
  const plan = await build('pi', 'rpi4')
  const inspect = async (image: string): Promise<Inspection> =>
    JSON.parse(await run('inspect', at(image), '--format', 'json')) as Inspection
  const before = await inspect('pi.img')
  const after = await inspect('out-pi/site/site-2.img')
  expect(after).toMatchObject({
    table: {
      form: 'mbr',
      diskGuid: before.table.diskGuid,
      partitions: [
        { ...before.table.partitions[0] },
        { ...before.table.partitions[1] },
        { number: 3, typeGuid: '0f' },
        { number: 5, name: 'payload', fileSystem: 'squashfs' },
        { number: 6, name: 'seed', fileSystem: 'fat16' },
      ],
    },
    payload: { k3sVersion: 'v1.33.1+k3s1' },
    seed: { node: 'site-2', role: 'agent' },
  })
  const hashes = ({ base }: Inspection): Readonly<Record<string, string>> =>
    Object.fromEntries((base[0]?.files ?? []).map(({ path, sha256 }) => [path, sha256]))
  const changed = Object.keys(hashes(after)).filter((path) => hashes(after)[path] !== hashes(before)[path])
  expect(changed).toEqual(['cmdline.txt', 'meta-data', 'network-config', 'user-data'])
  expect(Object.keys(hashes(after))).toEqual(Object.keys(hashes(before)))
  const node = plan.nodes.find(({ name }) => name === 'site-2')
  const files = node?.base.kind === 'image' ? node.base.files : []
  expect(files.find(({ path }) => path === 'cmdline.txt')?.text).toBe(
    'console=tty1 root=PARTUUID=1234abcd-02 rootwait cgroup_enable=memory\n',
  )
  // Root, and what lies between the table and the first partition, are as they were.
  const [boot, root] = before.table.partitions
  const image = await bytesOf('out-pi/site/site-2.img')
  const base = await bytesOf('pi.img')
  const same = (start: number, end: number): boolean => base.compare(image, start, end, start, end) === 0
  expect(same(512, boot?.offset ?? 0)).toBe(true)
  expect(same(root?.offset ?? 0, (root?.offset ?? 0) + (root?.size ?? 0))).toBe(true)
  await host.exec(['sha256sum', '--check', '--quiet', 'SHA256SUMS'], { cwd: at('out-pi/site') })
  // No second source of documents for a cloud-init that also looks for a label.
  expect(node?.seed.label).toBe('APPLSEED')
  await host.exec(['zstd', '-dqf', at('out-pi/site/site-2.img.zst'), '-o', at('unpacked')])
  expect((await bytesOf('unpacked')).equals(image)).toBe(true)
})

test('a card of Ubuntu: the command line that the firmware takes is changed, below its prefix', async () => {
  await make('ubuntu', 'dos', ubuntuPiPartitions())
  await build('ubuntu', 'rpi4')
  const filesOf = async (image: string): Promise<ReadonlyMap<string, string>> => {
    const { base } = JSON.parse(await run('inspect', at(image), '--format', 'json')) as Inspection
    return new Map(base[0]?.files?.map(({ path, sha256 }) => [path, sha256]))
  }
  const [before, after] = [await filesOf('ubuntu.img'), await filesOf('out-ubuntu/site/site-1.img')]
  expect([...after.keys()]).toEqual([...before.keys()])
  const changed = [...after.keys()].filter((path) => after.get(path) !== before.get(path))
  expect(changed).toEqual(['current/cmdline.txt', 'meta-data', 'network-config', 'user-data'])
  const line =
    'console=tty1 root=LABEL=writable rootfstype=ext4 panic=10 rootwait fixrtc cgroup_enable=memory\n'
  expect(after.get('current/cmdline.txt')).toBe(createHash('sha256').update(line).digest('hex'))
})

test('a card with an extended partition: ours are the next logical ones, and of the table only its end and one link change', async () => {
  await make('divided', 'dos', dividedPartitions())
  const plan = await build('divided', 'rpi4')
  const files = plan.nodes[0]?.base.kind === 'image' ? plan.nodes[0].base.files : []
  expect(files.map(({ partition }) => partition)).toEqual([1, 1, 1, 1])
  const inspect = async (image: string): Promise<Inspection> =>
    JSON.parse(await run('inspect', at(image), '--format', 'json')) as Inspection
  const [boot, extended, ...logical] = (await inspect('divided.img')).table.partitions
  const before = await bytesOf('divided.img')
  const after = await bytesOf('out-divided/site/site-1.img')
  const [, end] = [boot, extended].map((each) => (each?.offset ?? 0) + (each?.size ?? 0))
  expect(await inspect('out-divided/site/site-1.img')).toMatchObject({
    table: {
      form: 'mbr',
      partitions: [
        boot,
        { ...extended, size: after.length - (extended?.offset ?? 0) },
        ...logical,
        { number: 7, name: 'payload', fileSystem: 'squashfs' },
        { number: 8, name: 'seed', fileSystem: 'fat16' },
      ],
    },
    payload: { k3sVersion: 'v1.33.1+k3s1' },
    seed: { node: 'site-1', role: 'server' },
  })
  // Behind the documents on boot: nothing but the link in the sector of the last one, two MiB behind the first one's end.
  const used = Math.max(...logical.map(({ offset, size }) => offset + size))
  expect(end).toBeGreaterThan(used)
  const bootEnd = ((boot?.offset ?? 0) + (boot?.size ?? 0)) / 512
  expect(changedSectors(before, after, used).filter((sector) => sector === 0 || sector >= bootEnd)).toEqual([
    0,
    (logical[1]?.offset ?? 0) / 512 - 2048,
  ])
  await host.exec(['sha256sum', '--check', '--quiet', 'SHA256SUMS'], { cwd: at('out-divided/site') })
  await host.exec(['zstd', '-dqf', at('out-divided/site/site-1.img.zst'), '-o', at('unpacked')])
  expect((await bytesOf('unpacked')).equals(after)).toBe(true)
})

test('a root that kiwi-repart would make anew: another entry has its number, and nothing else of it changes', async () => {
  const partitions = grownMicroosPartitions().map((each) =>
    each.fileSystem === 'btrfs'
      ? { ...each, line: `${each.line}, attrs="LegacyBIOSBootable GUID:59"` }
      : each,
  )
  await make('microos', 'gpt', partitions)
  const plan = await build('microos', 'amd64-uefi', 'ignition')
  expect(plan.baseImages[0]?.partitions.map(({ number }) => number)).toEqual([1, 2, 4])
  const tableOf = async (image: string): Promise<readonly string[]> => {
    const { stdout } = await host.exec(['sfdisk', '--dump', at(image)])
    const lines = stdout.split('\n').filter((line) => line.startsWith(at(image)))
    return lines.map((line) => line.slice(at(image).length).replace(/ +/g, ' ')).sort()
  }
  const before = await tableOf('microos.img')
  const after = await tableOf('out-microos/site/site-1.img')
  expect(after.map((line) => /name="([^"]+)"/.exec(line)?.[1])).toEqual([
    'p.legacy',
    'p.UEFI',
    'data-to-be',
    'p.lxroot',
    'payload',
    'seed',
  ])
  expect(after.slice(0, 2)).toEqual(before.slice(0, 2))
  expect(after[3]).toBe(before[2]?.replace(/^3/, '4'))
  const used = Math.max(...(plan.baseImages[0]?.partitions ?? []).map(({ offset, size }) => offset + size))
  // Protective MBR, GPT header, and the sectors with entries 1 to 4 and 5 to 8.
  const [disk, image] = [await bytesOf('microos.img'), await bytesOf('out-microos/site/site-1.img')]
  expect(changedSectors(disk, image, used)).toEqual([0, 1, 2, 3])
})
