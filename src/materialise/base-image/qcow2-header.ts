/**
 * What of a qcow2's header is read before any program opens the file: opening one opens the files that it names, which may
 * be any file of this machine (QEMU, docs/interop/qcow2.txt).
 */
export interface Qcow2Header {
  /** Size of the disk, bytes. */
  readonly diskBytes: number
  /** Why the file is not whole by itself; null: it is. */
  readonly lack: string | null
}

/** Enough of the file for `parseQcow2Header`. */
export const qcow2HeaderBytes = 104

/** Bit 2 of the incompatible features: the data is in another file. */
const externalData = 1n << 2n

/** Undefined for another version than 2 and 3. */
export const parseQcow2Header = (start: Uint8Array): Qcow2Header | undefined => {
  if (start.length < qcow2HeaderBytes) return undefined
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength)
  const version = view.getUint32(4)
  if (version !== 2 && version !== 3) return undefined
  const hasBackingFile = view.getBigUint64(8) !== 0n
  const isEncrypted = view.getUint32(32) !== 0
  const hasExternalData = version === 3 && (view.getBigUint64(72) & externalData) !== 0n
  return {
    diskBytes: Number(view.getBigUint64(24)),
    lack: hasBackingFile
      ? 'takes what it lacks from a backing file'
      : hasExternalData
        ? 'keeps its data in another file'
        : isEncrypted
          ? 'is encrypted'
          : null,
  }
}
