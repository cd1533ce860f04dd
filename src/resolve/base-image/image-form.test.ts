import { expect, test } from 'vitest'
import { formBytes, imageForm } from './image-form.ts'

/** A disk with a table, and these bytes in it. */
const disk = (offset: number, text: string): Uint8Array => {
  const bytes = new Uint8Array(formBytes)
  bytes.set([0x55, 0xaa], 510)
  bytes.set(new TextEncoder().encode(text), offset)
  return bytes
}

test('a disk is told by the signature of its table', () => {
  expect(imageForm(disk(0, 'boot code'))).toBe('raw')
  expect(imageForm(new Uint8Array(formBytes))).toEqual({ instead: 'no disk with a partition table' })
  expect(imageForm(new Uint8Array(0))).toEqual({ instead: 'no disk with a partition table' })
})

test.each([
  [0, 'PK\x03\x04', 'a zip archive'],
  [0, 'conectix', 'a VHD'],
  [257, 'ustar', 'a tar archive'],
  // Installers can be written to a stick as well: they have a partition table.
  [0x8001, 'CD001', 'an installer or another image of a CD (ISO 9660)'],
])('at %i, %j: it is %s', (offset, mark, instead) => {
  expect(imageForm(disk(offset, mark))).toEqual({ instead })
})
