import type { imageForms } from '../../profile/schema/base-image.ts'

/** Form of a disk in a file, told by the first bytes; the names are those of `base.image.format`. */
export type ImageForm = (typeof imageForms)[number]

/** First bytes in hex: qcow2 (QEMU, docs/interop/qcow2.txt), xz, zstd (RFC 8878), gzip (RFC 1952). */
const magics: readonly (readonly [ImageForm, string])[] = [
  ['qcow2', '514649fb'],
  ['xz', 'fd377a585a00'],
  ['zst', '28b52ffd'],
  ['gz', '1f8b'],
]

/** What else people take for a disk image, to name it. */
const others: readonly (readonly [string, string])[] = [
  ['a zip archive', '504b0304'],
  ['a bzip2 file', '425a68'],
  ['a VMDK', '4b444d56'],
  ['a VHDX', '7668647866696c65'],
  ['a VDI', '3c3c3c20'],
  ['a VHD', '636f6e6563746978'],
]

/** Of these the mark lies further inside: tar (POSIX 1003.1, ustar), and ISO 9660, also where a disk's table is before it. */
const otherMarks: readonly (readonly [string, number, string])[] = [
  ['a tar archive', 257, 'ustar'],
  ['an installer or another image of a CD (ISO 9660)', 0x8001, 'CD001'],
]

/** How many bytes of a file `imageForm` looks at. */
export const formBytes = 0x8006

/** The form, or what it is instead, for a sentence. A raw disk has the signature of an MBR, also in front of a GPT. */
export const imageForm = (start: Uint8Array): ImageForm | { readonly instead: string } => {
  const hex = [...start.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const known = magics.find(([, magic]) => hex.startsWith(magic))
  if (known !== undefined) return known[0]
  const other = others.find(([, magic]) => hex.startsWith(magic))
  if (other !== undefined) return { instead: other[0] }
  const latin = new TextDecoder('latin1')
  const marked = otherMarks.find(
    ([, offset, mark]) => latin.decode(start.subarray(offset, offset + mark.length)) === mark,
  )
  if (marked !== undefined) return { instead: marked[0] }
  if (start[510] === 0x55 && start[511] === 0xaa) return 'raw'
  return { instead: 'no disk with a partition table' }
}
