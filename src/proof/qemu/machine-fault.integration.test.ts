import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { NodeHost } from '../../host/node-host.ts'
import { createNodeHost } from '../../host/node-host.ts'
import { sampleNode } from '../testing/sample.ts'
import { patienceOf, watchBoot } from '../watch-boot.ts'
import type { Machine } from './machine.ts'
import { powerOn } from './machine.ts'
import type { MachineSpec } from './machine-spec.ts'
import type { Site } from './site.ts'
import { startSite } from './site.ts'
import { macAddress, siteNetwork } from './site-network.ts'

/**
 * A boot sector that writes 32 KiB after 32 KiB, from sector 2048 on, by the BIOS (INT 13h, AH=43h):
 * `xor ax,ax; mov ds,ax; mov ss,ax; mov sp,7c00h; again: mov si,7c40h; mov ax,4300h; mov dl,80h; int 13h;
 * add word [7c48h],64; jmp again`, and at 40h the packet: 64 sectors from 8000h to sector 2048.
 */
const writesForEver = (): Buffer => {
  const sector = Buffer.alloc(512)
  sector.write('31c08ed88ed0bc007cbe407cb80043b280cd138306487c40ebef', 'hex')
  sector.write('10004000008000000008000000000000', 0x40, 'hex')
  sector.write('55aa', 510, 'hex')
  return sector
}
const diskBytes = 64 * 1024 ** 2

let host: NodeHost
let directory: string
let site: Site

beforeAll(async () => {
  host = createNodeHost()
  directory = await host.files.makeTemporaryDirectory('appliance-fault-')
  site = await startSite(host, {
    network: siteNetwork([sampleNode], []),
    hostServices: [],
    macAddresses: [macAddress(0)],
    directory,
    program: 'qemu-system-x86_64',
  })
})

beforeEach(async () => {
  await writeFile(join(directory, 'image'), writesForEver())
  await host.exec(['truncate', '-s', String(diskBytes), join(directory, 'image')])
  await writeFile(join(directory, 'variables'), Buffer.alloc(64 * 1024))
})

afterAll(async () => {
  await site.stop()
  await host.files.remove(directory)
  await host.close()
})

/** A machine as the proof has it, but with a BIOS, which needs no kernel to write to the disk. */
const start = (disk: string): Promise<Machine> => {
  const spec: MachineSpec = {
    node: 'bakery-1',
    architecture: 'amd64',
    model: { machine: 'q35', cpu: 'max' },
    accelerator: 'tcg',
    memoryMiB: 64,
    processors: 1,
    start: {
      kind: 'firmware',
      code: '/usr/share/seabios/bios-256k.bin',
      variables: join(directory, 'variables'),
    },
    disk,
    macAddress: macAddress(0),
    networkSocket: site.port(0),
    reportSocket: join(directory, 'report'),
    consoleSocket: join(directory, 'console'),
    monitorSocket: join(directory, 'qmp'),
    consoleLog: join(directory, 'console.log'),
    clockBase: null,
  }
  return powerOn(host, spec, { link: true, onPhase: () => undefined })
}

/** What the proof throws, within seconds where the node has 20 minutes. */
const faultOf = async (machine: Machine): Promise<unknown> => {
  try {
    return await watchBoot(host, machine, sampleNode, 1, undefined, patienceOf.tcg).catch(
      (fault: unknown) => fault,
    )
  } finally {
    await machine.qemu.stop()
  }
}

test('a disk without room is the fault of this host', async () => {
  const disk = join(directory, 'full.qcow2')
  // The guest's data goes to a file of its own, then to a device without room.
  const backing = ['-F', 'raw', '-b', join(directory, 'image')]
  const data = `data_file=${join(directory, 'data')}`
  await host.exec([
    'qemu-img',
    'create',
    '-q',
    '-f',
    'qcow2',
    ...backing,
    '-o',
    data,
    disk,
    String(diskBytes),
  ])
  await host.exec(['qemu-img', 'amend', '-o', 'data_file=/dev/full', disk])
  expect(await faultOf(await start(disk))).toMatchObject({
    name: 'EnvironmentFault',
    message: expect.stringContaining('cannot be written: No space left on device'),
    help: expect.stringContaining(`make room in ${directory}`),
  })
}, 60_000)

test('an image that cannot be read is the fault of this host', async () => {
  const disk = join(directory, 'unreadable.qcow2')
  const errors = join(directory, 'errors.conf')
  await writeFile(errors, '[inject-error]\nevent = "none"\niotype = "read"\nerrno = "5"\n')
  const image = `blkdebug:${errors}:${join(directory, 'image')}`
  await host.exec([
    'qemu-img',
    'create',
    '-q',
    '-f',
    'qcow2',
    '-F',
    'raw',
    '-b',
    image,
    disk,
    String(diskBytes),
  ])
  expect(await faultOf(await start(disk))).toMatchObject({
    name: 'EnvironmentFault',
    message: expect.stringContaining('cannot be read: Input/output error'),
    help: expect.stringContaining(disk),
  })
}, 60_000)

test('a machine whose disk works goes on, until somebody stops it', async () => {
  const disk = join(directory, 'works.qcow2')
  const image = join(directory, 'image')
  await host.exec([
    'qemu-img',
    'create',
    '-q',
    '-f',
    'qcow2',
    '-F',
    'raw',
    '-b',
    image,
    disk,
    String(diskBytes),
  ])
  const machine = await start(disk)
  await expect
    .poll(async () => (await host.files.stat(disk))?.sizeBytes, { timeout: 30_000 })
    .toBeGreaterThan(4 * 1024 ** 2)
  expect(machine.failed.aborted).toBe(false)
  await machine.qemu.monitor.execute('stop')
  expect(await faultOf(machine)).toMatchObject({
    name: 'StepFault',
    message: expect.stringContaining('in its state `paused`'),
    replay: expect.stringContaining(disk),
  })
}, 60_000)
