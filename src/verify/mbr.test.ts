import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { GptPartition } from './gpt.ts'
import { sectorSize } from './gpt.ts'
import type { MbrEntry, TableForm } from './mbr.ts'
import { mbrKind, parseMbr, raspberryPiFault } from './mbr.ts'

const partition = (name: string, first: number, sectors: number): GptPartition => ({
  name,
  number: 0,
  typeGuid: '',
  guid: '',
  offset: first * sectorSize,
  size: sectors * sectorSize,
})

const entry = (number: number, type: number, firstSector: number, sectors: number): MbrEntry => ({
  number,
  type,
  firstSector,
  sectors,
})

const good: TableForm = {
  mbr: [entry(1, 0x0c, 2048, 131072), entry(2, 0x83, 133120, 4096), entry(3, 0xee, 1, 2047)],
  entriesLba: 2,
  firstUsableLba: 34,
  partitions: [
    partition('boot', 2048, 131072),
    partition('root-a', 133120, 4096),
    partition('seed', 137216, 2048),
  ],
}

test('a table that every firmware reads', () => {
  expect(raspberryPiFault(good)).toBeUndefined()
  expect(mbrKind(good.mbr)).toBe('hybrid')
})

const [boot, rootA, guard] = good.mbr as [MbrEntry, MbrEntry, MbrEntry]

/** Each of them hung a board; the issue that tells is named in mbr.ts. */
test.each<[string, Partial<TableForm>, string]>([
  ['a pure GPT', { mbr: [entry(1, 0xee, 1, 999_999)] }, 'entry 1'],
  [
    'the guard first',
    {
      mbr: [
        { ...guard, number: 1 },
        { ...boot, number: 2 },
      ],
    },
    'entry 1',
  ],
  ['the guard second, and last', { mbr: [boot, { ...guard, number: 2 }] }, 'entry 2'],
  ['boot is no FAT32 by its type', { mbr: [{ ...boot, type: 0xef }, rootA, guard] }, 'entry 1'],
  ['boot of other sectors', { mbr: [{ ...boot, firstSector: 4096 }, rootA, guard] }, 'entry 1'],
  ['a shorter root', { mbr: [boot, { ...rootA, sectors: 2048 }, guard] }, 'entry 2'],
  ['no guard', { mbr: [boot, rootA] }, 'entry 3'],
  ['a guard over the partitions', { mbr: [boot, rootA, { ...guard, sectors: 999_999 }] }, 'entry 3'],
  ['a guard from another sector', { mbr: [boot, rootA, { ...guard, firstSector: 34 }] }, 'entry 3'],
  ['entries elsewhere', { entriesLba: 2016 }, 'sector 2016'],
  ['a first usable sector that Windows corrects', { firstUsableLba: 2048 }, 'is 2048'],
])('%s', (_name, change, said) => {
  expect(raspberryPiFault({ ...good, ...change })).toContain(said)
})

test('a protective MBR is known from a hybrid one, and from one without a GPT', () => {
  expect(mbrKind([entry(1, 0xee, 1, 99)])).toBe('protective')
  expect(mbrKind([entry(1, 0x0c, 2048, 99)])).toBe('other')
  expect(mbrKind([])).toBe('other')
})

test('entries are read where they lie, empty ones left out', () => {
  const sector = Buffer.alloc(512)
  sector.set([0x80, 0xfe, 0xff, 0xff, 0x0c, 0xfe, 0xff, 0xff, 0x00, 0x08, 0, 0, 0x34, 0x12, 0, 0], 446)
  sector.set([0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0xff, 7, 0, 0], 446 + 32)
  sector.set([0x55, 0xaa], 510)
  expect(parseMbr(sector)).toEqual([entry(1, 0x0c, 2048, 0x1234), entry(3, 0xee, 1, 2047)])
})

test('any bytes are entries or a sentence, never a crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const parsed = parseMbr(bytes)
      expect(typeof parsed === 'string' || parsed.length <= 4).toBe(true)
    }),
  )
})
