/** Enough of a file for its header and some tens of program headers, which linkers put right behind it. */
export const elfStartBytes = 4096

const elf64LittleEndian = '7f454c460201'
const machineAarch64 = 183
const segmentLoad = 1

/**
 * The least alignment of the segments that are loaded of a program or library for 64-bit ARM (ELF-64 Object File Format,
 * p_align of PT_LOAD); undefined for any other file. Kernel and loader map whole pages: what is laid out for smaller ones
 * cannot be loaded (glibc: "ELF load command alignment not page-aligned").
 */
export const loadAlignment = (start: Uint8Array): number | undefined => {
  const view = Buffer.from(start.buffer, start.byteOffset, start.byteLength)
  if (view.length < 64 || view.subarray(0, 6).toString('hex') !== elf64LittleEndian) return undefined
  if (view.readUInt16LE(18) !== machineAarch64) return undefined
  const first = Number(view.readBigUInt64LE(32))
  const size = view.readUInt16LE(54)
  const count = view.readUInt16LE(56)
  if (size < 56) return undefined
  const alignments = Array.from({ length: count }, (_, index) => first + index * size)
    .filter((at) => at + 56 <= view.length && view.readUInt32LE(at) === segmentLoad)
    .map((at) => Number(view.readBigUInt64LE(at + 48)))
  return alignments.length === 0 ? undefined : Math.min(...alignments)
}
