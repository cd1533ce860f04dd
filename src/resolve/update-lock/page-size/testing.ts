/** An ELF file with nothing in it but headers: a segment that is loaded for each alignment. */
export const elfFile = (
  alignments: readonly number[],
  { machine = 183 }: { readonly machine?: number } = {},
): Buffer => {
  const file = Buffer.alloc(64 + 56 * (alignments.length + 1))
  file.write('7f454c46020101', 'hex')
  file.writeUInt16LE(machine, 18)
  file.writeBigUInt64LE(64n, 32)
  file.writeUInt16LE(56, 54)
  file.writeUInt16LE(alignments.length + 1, 56)
  // A note first, whose alignment says nothing.
  file.writeUInt32LE(4, 64)
  file.writeBigUInt64LE(4n, 64 + 48)
  for (const [index, alignment] of alignments.entries()) {
    const at = 64 + 56 * (index + 1)
    file.writeUInt32LE(1, at)
    file.writeBigUInt64LE(BigInt(alignment), at + 48)
  }
  return file
}
