import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSfdiskTable } from '../../host/disk/sfdisk-table.ts'
import type { LogicalPartition, MbrPartition } from '../../host/disk/testing.ts'
import { makeMbrDisk } from '../../host/disk/testing.ts'
import type { NodeHost } from '../../host/node-host.ts'
import { createNodeHost } from '../../host/node-host.ts'
import { planBaseImage, planImageDisk } from '../../plan/base-image/base-image-plan.ts'
import type { SeedPlan } from '../../plan/build-plan.ts'
import { usedBytes } from '../../plan/build-plan.ts'
import { samplePiImage } from '../../resolve/base-image/testing.ts'
import { readTable } from '../../resolve/update-lock/base-image/read-table.ts'
import { placeOf } from '../image-content.ts'
import { extendTable } from './added-partitions.ts'
import { imageGeometry } from './image-geometry.ts'

/** The tables of bases with an extended partition, and what is made of them by the real sfdisk. */

let host: NodeHost
let folder: string
beforeAll(async () => {
  host = createNodeHost({ offline: true })
  folder = await host.files.makeTemporaryDirectory('added-')
})
afterAll(() => host.close())

const mib = 1024 * 1024
const seedBytes = 2 * mib

interface Disk {
  readonly sectors: number
  readonly partitions: readonly MbrPartition[]
  readonly extended: number
  readonly logical: readonly LogicalPartition[]
}

const gap = fc.integer({ min: 1, max: 5000 })
const length = fc.integer({ min: 2, max: 5000 })

/**
 * One to three primary partitions, then an extended one under any number, with gaps of any length, logical ones whose chain is
 * in another order than their places, and room at the end of both or none.
 */
const disks: fc.Arbitrary<Disk> = fc
  .record({
    numbers: fc.shuffledSubarray([1, 2, 3, 4], { minLength: 2 }),
    primary: fc.array(fc.tuple(gap, length), { minLength: 3, maxLength: 3 }),
    type: fc.constantFrom(0x05, 0x0f, 0x85),
    before: gap,
    places: fc.array(fc.tuple(gap, gap, length), { maxLength: 5 }),
    order: fc.array(fc.nat(), { minLength: 5, maxLength: 5 }),
    after: fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.constantFrom(0, 1, 40_000)),
  })
  .map(({ numbers, primary, type, before, places, order, after }): Disk => {
    const [extended = 0, ...others] = numbers
    let end = 1
    const partitions = others.map((number, index): MbrPartition => {
      const [free, size] = primary[index] ?? [0, 0]
      const start = end + free
      end = start + size
      return { number, type: 0x83, start, size }
    })
    const start = end + before
    end = start
    const placed = places.map(([free, own, size]): LogicalPartition => {
      const link = end + free
      const begin = link + own
      end = begin + size
      return { link, start: begin, size }
    })
    const logical = placed
      .map((each, index) => ({ each, key: order[index] ?? 0 }))
      .sort((a, b) => a.key - b.key)
      .map(({ each }, index) => (index === 0 ? { ...each, link: start } : each))
    const size = Math.max(end - start, 1) + after[0]
    return {
      sectors: start + size + after[1],
      partitions: [...partitions, { number: extended, type, start, size }],
      extended,
      logical,
    }
  })

/** The bytes up to `end` in which two disks differ. */
const differences = (before: Buffer, after: Buffer, end: number): readonly number[] =>
  Array.from({ length: end / 512 }, (_, sector) => sector * 512)
    .filter((at) => before.compare(after, at, at + 512, at, at + 512) !== 0)
    .flatMap((at) => Array.from({ length: 512 }, (_, index) => at + index))
    .filter((byte) => before[byte] !== after[byte])

test('ours become the next in the chain of any extended partition that is the last; nothing else changes', async () => {
  await fc.assert(
    fc.asyncProperty(disks, async (disk) => {
      const path = join(folder, 'base')
      await makeMbrDisk(host, path, disk)
      const diskBytes = disk.sectors * 512
      const table = await readTable(host, path, diskBytes)
      if ('code' in table) throw new Error(table.message)
      expect(table.firstNumber).toBe(5 + disk.logical.length)

      const partitions = table.partitions.map((each) => ({ ...each, fileSystem: '', label: '' }))
      const locked = { ...samplePiImage, ...table, diskBytes, partitions }
      const image = planBaseImage(locked)
      const ours = planImageDisk(locked)
      const seed = { sizeBytes: seedBytes } as SeedPlan
      const geometry = imageGeometry(image, { disk: ours, seed }, 3 * mib)
      const made = await extendTable(host, image, ours, geometry, { basePath: path, workFolder: folder })

      const result = join(folder, 'image')
      await host.files.copy(path, result)
      const file = await host.files.open(result, 'update')
      const used = usedBytes(image)
      await file.truncate(used)
      await file.truncate(geometry.imageSize)
      for (const { offset, bytes } of made.pieces) await file.write(bytes, offset)
      await file.close()

      const extended = partitions.find(({ number }) => number === disk.extended)?.offset ?? 0
      const after = await readSfdiskTable(host, result)
      expect(after?.complaints).toBe('')
      const wanted = [
        ...table.partitions.map((each) =>
          each.number === disk.extended ? { ...each, size: geometry.imageSize - extended } : each,
        ),
        ...ours.partitions.map(({ name, number, typeGuid }) => {
          const { offset, size } = placeOf(geometry, name)
          return { number, offset, size, type: typeGuid, guid: '', name: '' }
        }),
      ]
      expect(after?.entries.toSorted((a, b) => a.number - b.number)).toEqual(
        wanted.toSorted((a, b) => a.number - b.number),
      )
      // Room that the extended partition has at its end is taken.
      const ends = [...disk.partitions, ...disk.logical].map(({ start, size, ...each }) =>
        'number' in each && each.number === disk.extended ? start + 1 : start + size,
      )
      expect(used).toBe(Math.max(...ends) * 512)
      expect(placeOf(geometry, 'payload').offset).toBe((Math.ceil(used / mib) + 1) * mib)

      const bytes = async (of: string): Promise<Buffer> => Buffer.from((await host.files.readBytes(of)) ?? [])
      const entry = 446 + (disk.extended - 1) * 16
      const last = (disk.logical.at(-1)?.link ?? disk.partitions.at(-1)?.start ?? 0) * 512
      const [from, to] = disk.logical.length === 0 ? [446, 512] : [462, 478]
      const changed = differences(await bytes(path), await bytes(result), used).filter((byte) => {
        const isEnd = byte >= entry + 12 && byte < entry + 16
        const isCylinder = byte > entry && byte < entry + 8 && byte !== entry + 4
        return !isEnd && !isCylinder && (byte < last + from || byte >= last + to)
      })
      expect(changed).toEqual([])
    }),
    { numRuns: 30 },
  )
})
