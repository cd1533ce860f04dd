import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseGptEntries, parseGptHeader } from './gpt.ts'

test('any bytes are a header or a sentence, never a crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (bytes, signed) => {
      const sector = Buffer.from(bytes)
      if (signed) sector.write('EFI PART', 0, 'latin1')
      expect(typeof parseGptHeader(sector)).toBe('string')
    }),
  )
})

/** A header with its checksum, and entries with theirs. */
const table = (): { header: Buffer; entries: Buffer } => {
  const entries = Buffer.alloc(128 * 128)
  entries.write('28732ac11ff8d211ba4b00a0c93ec93b', 0, 'hex')
  entries.write('00112233445566778899aabbccddeeff', 16, 'hex')
  entries.writeBigUInt64LE(2048n, 32)
  entries.writeBigUInt64LE(4095n, 40)
  entries.write('boot', 56, 'utf16le')
  const header = Buffer.alloc(512)
  header.write('EFI PART', 0, 'latin1')
  header.writeUInt32LE(92, 12)
  header.writeBigUInt64LE(1n, 24)
  header.writeBigUInt64LE(9999n, 32)
  header.writeBigUInt64LE(2n, 72)
  header.writeUInt32LE(128, 80)
  header.writeUInt32LE(128, 84)
  header.writeUInt32LE(crc32(entries), 88)
  header.writeUInt32LE(crc32(header.subarray(0, 92)), 16)
  return { header, entries }
}

test('a partition is read with its GUIDs in their text form', () => {
  const { header, entries } = table()
  const gpt = parseGptHeader(header)
  if (typeof gpt === 'string') throw new Error(gpt)
  expect(parseGptEntries(gpt, entries)).toEqual([
    {
      number: 1,
      name: 'boot',
      typeGuid: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
      guid: '33221100-5544-7766-8899-aabbccddeeff',
      offset: 1024 * 1024,
      size: 1024 * 1024,
    },
  ])
})

test('a flipped bit anywhere in a table is found', () => {
  fc.assert(
    fc.property(fc.nat(91 * 8 + 7), (bit) => {
      const { header } = table()
      header[bit >> 3] = (header[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(typeof parseGptHeader(header)).toBe('string')
    }),
  )
  const { header, entries } = table()
  entries[60] = 1
  const gpt = parseGptHeader(header)
  expect(typeof gpt === 'string' ? gpt : parseGptEntries(gpt, entries)).toBe(
    'GPT entries with a wrong checksum',
  )
})
