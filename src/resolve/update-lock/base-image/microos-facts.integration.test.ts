import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGrubReader } from '../../../host/disk/grub-reader.ts'
import type { NodeHost } from '../../../host/node-host.ts'
import { createNodeHost } from '../../../host/node-host.ts'
import type { DiskFacts } from './look-into.ts'
import { lookInto } from './look-into.ts'
import type { TinyPartition } from './testing.ts'
import { grownMicroosPartitions, makeTinyDisk, microosPartitions } from './testing.ts'

/** openSUSE MicroOS and its kin: what is read of their btrfs, by the drivers of GRUB. */

let host: NodeHost
let folder: string

beforeAll(async () => {
  host = createNodeHost({ offline: true })
  folder = await host.files.makeTemporaryDirectory('microos-')
})
afterAll(() => host.close())

const factsOf = async (
  name: string,
  partitions: readonly TinyPartition[] = microosPartitions(),
  table: 'gpt' | 'dos' = 'gpt',
): Promise<DiskFacts | readonly [string, string]> => {
  const path = join(folder, name)
  await makeTinyDisk(host, path, table, partitions)
  const found = await lookInto(host, path, (await host.files.stat(path))?.sizeBytes ?? 0)
  return 'code' in found ? [found.code, found.message] : found
}

test('its Ignition takes the config from the seed, and mounts what the initrd leaves out', async () => {
  const facts = await factsOf('microos.img')
  expect(facts).toMatchObject({
    architecture: 'amd64',
    starts: ['uefi'],
    distribution: { id: 'opensuse-microos', version: '20230915' },
    configuration: {
      way: 'ignition-seed',
      ignition: { system: 'microos', spec: '3.4.0' },
      mounts: [
        {
          path: '/usr/local',
          device: '/dev/disk/by-uuid/0b8e4a5e-7a0c-4f43-9d0a-0a1b2c3d4e5f',
          options: ['subvol=/@/usr/local'],
        },
        {
          path: '/home',
          device: expect.stringMatching(/^\/dev\/disk\/by-partuuid\/[0-9a-f-]{36}$/),
          options: ['subvol=/@/home'],
        },
      ],
    },
  })
})

test.each([
  ['sl-micro', '6.0', '3.4.0'],
  ['sle-micro', '5.5', '3.3.0'],
  ['opensuse-microos', '20230301', '3.3.0'],
  ['opensuse-microos', '20241130', '3.4.0'],
  ['opensuse-microos', '20241201', '3.5.0'],
])('%s %s has an Ignition that reads %s', async (id, version, spec) => {
  const release = `ID="${id}"\nVERSION_ID="${version}"\n`
  const partitions = microosPartitions({ system: { 'usr/lib/os-release': release } })
  expect(await factsOf(`${id}.img`, partitions)).toMatchObject({
    distribution: { id, version },
    configuration: { ignition: { spec } },
  })
})

test('on an MBR, too', async () => {
  const [esp, root] = microosPartitions()
  if (esp === undefined || root === undefined) throw new Error('there are three partitions')
  const partitions = [
    { ...esp, line: 'type=ef' },
    { ...root, line: 'type=83' },
  ]
  expect(await factsOf('mbr.img', partitions, 'dos')).toMatchObject({
    configuration: {
      way: 'ignition-seed',
      mounts: [{ path: '/usr/local' }, { path: '/home', device: '/dev/disk/by-label/ROOT' }],
    },
  })
})

const withFstab = (text: string) => microosPartitions({ system: { 'etc/fstab': text } })

test('homes may lie elsewhere; a subvolume for which no name of its device is left is refused', async () => {
  const initrd = 'LABEL=v /var btrfs x-initrd.mount 0 0\n/etc /etc none bind,x-initrd.mount 0 0\n'
  const local =
    'LABEL=ROOT / btrfs ro=vfs 0 0\nLABEL=ROOT /usr/local btrfs compress=zstd:1,subvol=/@/usr/local 0 0\n'
  const home = (path: string) => `LABEL=people ${path} btrfs subvol=/${path} 0 0\n`
  const root = 'LABEL=ROOT /root btrfs subvol=/@/root 0 0\n'
  expect(await factsOf('homes.img', withFstab(`${initrd}${local}${home('/home')}${root}`))).toMatchObject({
    configuration: {
      mounts: [
        { path: '/usr/local', device: '/dev/disk/by-label/ROOT', options: ['subvol=/@/usr/local'] },
        { path: '/home', device: '/dev/disk/by-label/people' },
        { path: '/root', device: expect.stringMatching(/^\/dev\/disk\/by-partuuid\//) },
      ],
    },
  })
  expect(await factsOf('names.img', withFstab(`${initrd}${local}${home('/home')}${home('/root')}`))).toEqual([
    'L0080',
    expect.stringMatching(/could write to \/root$/),
  ])
})

test('a root that kiwi-repart makes anew gives its number to what becomes the data partition', async () => {
  expect(await factsOf('grown.img', grownMicroosPartitions())).toMatchObject({
    configuration: { way: 'ignition-seed' },
    renumbered: { from: 3, to: 4 },
    firstNumber: 5,
  })
})

test('a root that kiwi-repart makes anew is refused on an MBR, and beside one', async () => {
  const [, esp, root] = grownMicroosPartitions()
  if (esp === undefined || root === undefined) throw new Error('there are three partitions')
  const onMbr = [
    { ...esp, line: 'type=ef' },
    { ...root, line: 'type=83' },
  ]
  expect(await factsOf('grown-mbr.img', onMbr, 'dos')).toEqual(['L0083', expect.stringMatching(/is an MBR$/)])
  const path = join(folder, 'hybrid.img')
  await makeTinyDisk(host, path, 'gpt', grownMicroosPartitions())
  const file = await host.files.open(path, 'update')
  // The second entry: FAT, as boards look for it.
  await file.write(Uint8Array.of(0x0c), 446 + 16 + 4)
  await file.close()
  expect(await lookInto(host, path, (await host.files.stat(path))?.sizeBytes ?? 0)).toMatchObject({
    code: 'L0083',
    message: expect.stringMatching(/with an MBR beside it$/),
  })
})

const started = /^the base image has been started already/

/** Its initrd has no module that reads a config. */
const withoutIgnition = microosPartitions().map((partition) => ({
  ...partition,
  files: Object.fromEntries(
    Object.entries(partition.files ?? {}).filter(([path]) => !path.includes('ignition-microos')),
  ),
}))

test.each<readonly [string, readonly TinyPartition[], string, RegExp]>([
  ['a stamp', microosPartitions({ top: { '@/boot/writable/firstboot_happened': '' } }), 'L0085', started],
  ['a machine id', microosPartitions({ system: { 'etc/machine-id': '0a'.repeat(16) } }), 'L0085', started],
  [
    'a machine id in what has changed in /etc',
    microosPartitions({ variable: { 'lib/overlay/1/etc/machine-id': '0a'.repeat(16) } }),
    'L0085',
    started,
  ],
  [
    'such an id where /var is a subvolume',
    microosPartitions({ top: { '@/var/lib/overlay/1/etc/machine-id': '0a'.repeat(16) } }),
    'L0085',
    started,
  ],
  ['a second snapshot', microosPartitions({ top: { '@/.snapshots/2/info.xml': '' } }), 'L0085', started],
  [
    'a root that is made anew and is not the last',
    microosPartitions({ system: { 'usr/lib/dracut/modules.d/55kiwi-repart/module-setup.sh': '' } }),
    'L0083',
    /makes its root anew up to the end of the medium \(kiwi-repart\), and its root is not the last of its partitions$/,
  ],
  [
    'a root that is made anew and has not the highest number',
    grownMicroosPartitions().map((each, index) => ({ ...each, number: [9, 2, 3][index] ?? 0 })),
    'L0083',
    /its root is not the last of its partitions$/,
  ],
  [
    'a root that is encrypted at the first start',
    grownMicroosPartitions({ 'usr/lib/dracut/modules.d/95disk-encryption-tool/module-setup.sh': '' }),
    'L0083',
    /encrypts its root, or makes its partitions anew \(disk-encryption-tool\)$/,
  ],
  [
    'no line for a subvolume',
    withFstab('LABEL=v /var btrfs x-initrd.mount 0 0\noverlay /etc overlay x-initrd.mount 0 0\n'),
    'L0080',
    /does not tell how Ignition could write to \/usr\/local$/,
  ],
  [
    'a /var that comes too late',
    withFstab('LABEL=v /var btrfs defaults 0 0\noverlay /etc overlay x-initrd.mount 0 0\n'),
    'L0080',
    /could write to \/var$/,
  ],
  ['no Ignition', withoutIgnition, 'L0080', /keeps its system on btrfs/],
])('is refused with %s', async (name, partitions, code, message) => {
  expect(await factsOf(`${name.replace(/\W/g, '-')}.img`, partitions)).toEqual([
    code,
    expect.stringMatching(message),
  ])
})

test('is refused with a file system that a config may lie on already', async () => {
  const config: TinyPartition = { line: 'type=linux', fileSystem: 'ext4', label: 'combustion' }
  expect(await factsOf('configured.img', [...microosPartitions(), config])).toEqual([
    'L0086',
    expect.stringMatching(/partition 4 labelled combustion/),
  ])
})

test('what is too large to be a setting is cut off, and what cannot be read is not taken for absent', async () => {
  const path = join(folder, 'large.img')
  const large = { 'usr/lib/large': new Uint8Array(9 * 1024 ** 2) }
  await makeTinyDisk(host, path, 'gpt', microosPartitions({ system: large }))
  const readerOf = (number: number) =>
    createGrubReader(host, path, { table: 'gpt', number, folder: '/@/.snapshots/1/snapshot' })
  expect((await readerOf(2).read('/usr/lib/large'))?.length).toBe(8 * 1024 ** 2)
  expect(await readerOf(2).read('/usr/lib/none')).toBeUndefined()
  expect(await readerOf(2).read('/usr/lib')).toBeUndefined()
  await expect(readerOf(4).read('/etc/fstab')).rejects.toThrow(/no such partition/)
})
