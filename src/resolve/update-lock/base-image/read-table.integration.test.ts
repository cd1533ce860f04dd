import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LogicalPartition, MbrPartition } from '../../../host/disk/testing.ts'
import { makeMbrDisk } from '../../../host/disk/testing.ts'
import type { NodeHost } from '../../../host/node-host.ts'
import { createNodeHost } from '../../../host/node-host.ts'
import { readTable } from './read-table.ts'

/** MBRs with an extended partition of their own. What is made of those that are taken: assemble/base-image/added-partitions. */

let host: NodeHost
let folder: string
beforeAll(async () => {
  host = createNodeHost({ offline: true })
  folder = await host.files.makeTemporaryDirectory('read-table-')
})
afterAll(() => host.close())

const boot: MbrPartition = { number: 1, type: 0x0c, start: 2048, size: 2048 }
const extended: MbrPartition = { number: 2, type: 0x05, start: 8192, size: 32_768 }
const logical: readonly LogicalPartition[] = [
  { link: 8192, start: 10_240, size: 4096 },
  { link: 16_384, start: 18_432, size: 4096 },
]

/** The number of the payload; or code and message. `bytes`: what is written over the disk then. */
const read = async (
  partitions: readonly MbrPartition[],
  chain: readonly LogicalPartition[],
  ...bytes: readonly { readonly at: number; readonly is: readonly number[] }[]
): Promise<number | readonly string[]> => {
  const path = join(folder, 'disk')
  const container = partitions.find(({ type }) => type !== 0x0c && type !== 0x83)?.number
  await makeMbrDisk(host, path, {
    sectors: 65_536,
    partitions,
    ...(container === undefined ? {} : { extended: container }),
    logical: chain,
  })
  const file = await host.files.open(path, 'update')
  for (const { at, is } of bytes) await file.write(Uint8Array.from(is), at)
  await file.close()
  const found = await readTable(host, path, 65_536 * 512)
  return 'code' in found ? [found.code, found.message] : found.firstNumber
}

const withoutLast = logical.slice(0, 1)

test('the payload gets the number behind the last of the chain', async () => {
  expect(await read([boot, extended], logical)).toBe(7)
  expect(await read([boot, extended], withoutLast)).toBe(6)
  expect(await read([boot, extended], [])).toBe(5)
  expect(await read([boot, { ...extended, type: 0x0f }], logical)).toBe(7)
  expect(await read([boot, { ...extended, type: 0x85 }], logical)).toBe(7)
  const full = [3, 4].map((number) => ({ number, type: 0x83, start: number * 1500, size: 1000 }))
  expect(await read([boot, extended, ...full], logical)).toBe(7)
})

test('an extended partition that cannot reach the end is refused', async () => {
  expect(await read([boot, extended, { number: 3, type: 0x83, start: 45_056, size: 2048 }], logical)).toEqual(
    [
      'L0077',
      'partition 3 is behind its extended partition 2, which k3s and the seed would have to make larger',
    ],
  )
  const second = { number: 3, type: 0x85, start: 45_056, size: 2048 }
  expect(await read([boot, extended, second], logical)).toEqual([
    'L0077',
    'its MBR has two extended partitions, 2 and 3',
  ])
})

test('a chain that would not stay as it is when it is written is refused', async () => {
  const strange = [
    'L0077',
    'the chain of partitions in its extended partition 2 has empty links or entries that do not belong there',
  ]
  const zeros = Array.from({ length: 16 }, () => 0)
  const entry = (sector: number, index: number): number => sector * 512 + 446 + index * 16
  // The first partition of the chain was deleted, and its link is there still.
  expect(await read([boot, extended], logical, { at: entry(8192, 0), is: zeros })).toEqual(strange)
  // A third entry.
  expect(await read([boot, extended], logical, { at: entry(16_384, 2), is: [0, 0, 0, 0, 0x83] })).toEqual(
    strange,
  )
  // Leftovers where a chain would begin.
  expect(await read([boot, extended], [], { at: entry(8192, 3), is: [1] })).toEqual(strange)
  // A link without its signature, which sfdisk would mend.
  expect(await read([boot, extended], logical, { at: 16_384 * 512 + 510, is: [0, 0] })).toEqual(strange)
  // A link within the data of another partition.
  const within = [
    { link: 8192, start: 10_240, size: 8192 },
    { ...logical[1], link: 12_288 },
  ]
  expect(await read([boot, extended], within as readonly LogicalPartition[])).toEqual(strange)
})

test('more partitions than sfdisk can add to are refused', async () => {
  const many = (count: number): readonly LogicalPartition[] =>
    Array.from({ length: count }, (_, index) => ({
      link: 8192 + index * 8,
      start: 8192 + index * 8 + 1,
      size: 4,
    }))
  expect(await read([boot, extended], many(53))).toBe(58)
  expect(await read([boot, extended], many(54))).toEqual([
    'L0077',
    'its extended partition 2 has 54 partitions, and an MBR no more than 60 with those of ours',
  ])
})

test('logical partitions over one another, or outside of the extended one, are no sound table', async () => {
  const [first, second] = logical as readonly [LogicalPartition, LogicalPartition]
  expect(await read([boot, extended], [{ ...first, size: 9000 }, second])).toEqual([
    'L0076',
    'partitions 5 and 6 lie over one another',
  ])
  expect(await read([boot, { ...extended, size: 12_288 }], logical)).toEqual([
    'L0076',
    'partition 6 is not within the extended partition that names it',
  ])
  expect(await read([boot, { ...extended, start: 3000, size: 40_000 }], [])).toEqual([
    'L0076',
    'partitions 1 and 2 lie over one another',
  ])
})

test('a GPT with more entries than images of ours have is refused, one with fewer is not', async () => {
  const tableOf = async (entries: number) => {
    const path = join(folder, 'gpt')
    const file = await host.files.open(path, 'create')
    await file.truncate(32 * 1024 ** 2)
    await file.close()
    await host.exec(['sfdisk', '--quiet', path], {
      input: `label: gpt\ntable-length: ${entries}\n\nstart=4096, size=8192\n`,
    })
    return readTable(host, path, 32 * 1024 ** 2)
  }
  expect(await tableOf(256)).toMatchObject({
    code: 'L0076',
    message: 'its GPT has 256 entries, and 128 are the most that images of ours have',
  })
  expect(await tableOf(64)).toMatchObject({ firstNumber: 2 })
})
