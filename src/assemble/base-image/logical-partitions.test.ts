import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { samplePiImage } from '../../resolve/base-image/testing.ts'
import type { Chain } from './logical-partitions.ts'
import { addedLinks } from './logical-partitions.ts'

const mib = 1024 * 1024
const [sample] = samplePiImage.partitions
if (sample === undefined) throw new Error('a card has a partition')

const at = (number: number, type: string, offset: number, size: number) => ({
  ...sample,
  number,
  type,
  offset: offset * mib,
  size: size * mib,
})

const empty = { partitions: [at(1, '0c', 1, 9), at(2, '05', 10, 90)] }
const divided = { partitions: [...empty.partitions, at(5, '83', 11, 9), at(6, '83', 21, 9)] }

/** Sectors at these MiB, all bytes of which are 1; `changes`: bytes that are 2, by the place in this list. */
const chain = (places: readonly number[], changes: readonly (readonly [number, number])[] = []): Chain =>
  places.map((place, index) => {
    const bytes = Buffer.alloc(512, 1)
    for (const [sector, byte] of changes) if (sector === index) bytes[byte] = 2
    return { offset: place * mib, bytes }
  })

test('the last sector of the base has a new link, and those behind it are new', () => {
  const after = chain([10, 20, 30, 40], [[1, 462] as const, [1, 477] as const])
  expect(addedLinks(chain([10, 20]), after, divided)).toEqual(after.slice(1))
})

test('where there was no logical partition the first sector is of ours', () => {
  const after = chain([10, 40], [[0, 446] as const, [0, 511] as const])
  expect(addedLinks(chain([10]), after, empty)).toEqual(after)
  expect(() => addedLinks(chain([10]), chain([10, 40], [[0, 445]]), empty)).toThrow(
    `sfdisk changed byte ${10 * mib + 445} of the base image`,
  )
})

test('all are new in an extended partition of ours', () => {
  const after = chain([11, 40])
  expect(addedLinks([], after, { partitions: [at(1, '0c', 1, 9)] })).toEqual(after)
})

test.each([
  { of: 'the link of a sector that is not the last', sector: 0, byte: 462 },
  { of: 'the partition of the last sector', sector: 1, byte: 461 },
  { of: 'what follows its link', sector: 1, byte: 478 },
])('a change of $of is seen', ({ sector, byte }) => {
  const after = chain([10, 20, 30, 40], [[sector, byte]])
  expect(() => addedLinks(chain([10, 20]), after, divided)).toThrow(
    `sfdisk changed byte ${(sector === 0 ? 10 : 20) * mib + byte} of the base image`,
  )
})

test('a sector of the base in another place, or one of ours over the base, is seen', () => {
  expect(() => addedLinks(chain([10, 20]), chain([10, 19, 30, 40]), divided)).toThrow(
    'sfdisk moved link 1 of the base image',
  )
  expect(() => addedLinks(chain([10, 20]), chain([10, 20, 29, 40]), divided)).toThrow(
    `sfdisk put a link over the base image at byte ${29 * mib}`,
  )
  expect(() => addedLinks([], chain([9, 40]), { partitions: [at(1, '0c', 1, 9)] })).toThrow(
    `sfdisk put a link over the base image at byte ${9 * mib}`,
  )
})
