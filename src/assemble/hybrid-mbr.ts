import { Buffer } from 'node:buffer'
import { mbrEntryOffset, mbrEntrySize } from '../host/disk/mbr-entries.ts'
import type { Geometry, PlacedPart } from './geometry.ts'
import { sectorSize } from './geometry.ts'
import type { PlacedName } from './image-content.ts'

/**
 * The MBR of a disk whose GPT is the truth, for firmware of Raspberry Pis that looks into the MBR first:
 *
 *   1  0x0c  boot     the same sectors as in the GPT; must come first (firmware#1457, firmware#1465)
 *   2  0x83  root-a   so that 0xEE is neither first nor last, which hangs some second stages (firmware#1465)
 *   3  0xee  from sector 1 to the first partition: the kernel and libfdisk take the disk for a GPT one
 *   4  empty
 *
 * Programs that know GPT (libfdisk, systemd-repart, the kernel) leave such an MBR as it is and write the GPT alone.
 */

/** Type FAT32 with LBA; Linux; protective entry of a GPT (UEFI 2.10, 5.2.3). */
const types = { boot: 0x0c, 'root-a': 0x83, protective: 0xee } as const

/** No cylinders, heads and sectors: `fe ff ff`, as for every sector that they cannot name. */
const entry = (type: number, firstSector: number, sectors: number): Buffer => {
  const bytes = Buffer.alloc(mbrEntrySize)
  bytes.set([0xfe, 0xff, 0xff, type, 0xfe, 0xff, 0xff], 1)
  bytes.writeUInt32LE(firstSector, 8)
  bytes.writeUInt32LE(sectors, 12)
  return bytes
}

const named = (geometry: Geometry<PlacedName>, name: PlacedName): PlacedPart => {
  const part = geometry.parts.find((each) => each.name === name)
  if (part === undefined) throw new Error(`the image has no partition ${name}`)
  return part
}

/** `head`: the start of a disk with a protective MBR; a copy of it with the entries of a hybrid one. */
export const withHybridMbr = (head: Uint8Array, geometry: Geometry<PlacedName>): Uint8Array => {
  const parts = (['boot', 'root-a'] as const).map((name) => {
    const { offset, size } = named(geometry, name)
    return entry(types[name], offset / sectorSize, size / sectorSize)
  })
  const firstSector = Math.min(...geometry.parts.map(({ offset }) => offset)) / sectorSize
  const bytes = Buffer.from(head)
  bytes.set(
    Buffer.concat([...parts, entry(types.protective, 1, firstSector - 1), Buffer.alloc(mbrEntrySize)]),
    mbrEntryOffset(1),
  )
  return bytes
}
