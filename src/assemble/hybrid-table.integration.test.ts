import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { NodeHost } from '../host/node-host.ts'
import { createNodeHost } from '../host/node-host.ts'
import type { PartitionName } from '../plan/build-plan.ts'
import { planDisk } from '../plan/disk-plan.ts'
import { raspberryPiFault } from '../verify/mbr.ts'
import type { DiskTable } from '../verify/read-table.ts'
import { readDiskTable } from '../verify/read-table.ts'
import { placeParts } from './geometry.ts'
import { makePartitionTable } from './partition-table.ts'

const mib = 1024 * 1024
const disk = planDisk('rpi4', 'arm64', 'hybrid')

let host: NodeHost
let image: string

beforeEach(async () => {
  host = createNodeHost({ offline: true })
  const folder = await host.files.makeTemporaryDirectory('hybrid-')
  const contents: { name: PartitionName; sizeBytes: number }[] = disk.partitions.map(({ name }) => ({
    name,
    sizeBytes: 3 * mib,
  }))
  const geometry = placeParts(contents, disk.alignmentBytes)
  const { pieces, end } = await makePartitionTable(host, disk, geometry, folder)
  image = join(folder, 'image')
  const file = await host.files.open(image, 'create')
  await file.truncate(geometry.imageSize)
  for (const { offset, bytes } of pieces) await file.write(bytes, offset)
  await file.write(end, geometry.imageSize - end.length)
  await file.close()
})
afterEach(() => host.close())

const read = async (): Promise<DiskTable> =>
  readDiskTable(host, image, (await host.files.stat(image))?.sizeBytes ?? 0)

const faultOf = ({ mbr, primary }: DiskTable): string | undefined => {
  if (typeof mbr === 'string') return mbr
  if (typeof primary === 'string') return primary
  const { entriesLba, firstUsableLba } = primary.gpt
  return raspberryPiFault({ mbr, entriesLba, firstUsableLba, partitions: primary.partitions })
}

test('the table of a Raspberry Pi holds to the rules of its firmware, and to those of sfdisk', async () => {
  expect(faultOf(await read())).toBeUndefined()
  const { stdout } = await host.exec(['sfdisk', '--json', image])
  expect(JSON.parse(stdout)).toMatchObject({
    partitiontable: { label: 'gpt', firstlba: 34, partitions: disk.partitions.map(({ name }) => ({ name })) },
  })
})

test('what libfdisk adds on a larger medium leaves the MBR half as it is', async () => {
  const before = await read()
  await host.exec(['truncate', '--size', '+64M', image])
  await host.exec(['sfdisk', '--quiet', '--no-reread', '--no-tell-kernel', '--append', image], {
    input: ',+,L,\n',
  })
  const after = await read()
  expect(after.mbr).toEqual(before.mbr)
  expect(faultOf(after)).toBeUndefined()
  if (typeof after.primary === 'string') throw new Error(after.primary)
  expect(after.primary.partitions).toHaveLength(disk.partitions.length + 1)
  expect(after.primary.gpt.otherLba).toBe(after.sizeBytes / 512 - 1)
})
