/** The four entries of an MBR, the first sector of a disk; bytes. */
export const mbrEntrySize = 16

/** Where the entry of this number, 1 to 4, begins in it. */
export const mbrEntryOffset = (number: number): number => 446 + (number - 1) * mbrEntrySize
