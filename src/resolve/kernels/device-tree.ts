/**
 * Property names of one node of a flattened device tree (Devicetree Specification v0.4, chapter 5): a header, of which the
 * fields at 8 and 12 say where structure and strings lie, then tokens of 32 bits, big endian.
 */
const magic = 0xd00dfeed
const token = { beginNode: 1, endNode: 2, property: 3, nop: 4, end: 9 } as const

const cString = (bytes: Uint8Array, offset: number): string => {
  const end = bytes.indexOf(0, offset)
  if (end === -1) throw new RangeError('a string has no end')
  return new TextDecoder().decode(bytes.subarray(offset, end))
}

const aligned = (offset: number): number => Math.ceil(offset / 4) * 4

/** Throws RangeError at what is no whole device tree. Names in the order of the file; none where there is no such node. */
const propertiesOf = (bytes: Uint8Array, node: string): readonly string[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0) !== magic) throw new RangeError('this is no device tree')
  const strings = view.getUint32(12)
  const names: string[] = []
  const path: string[] = []
  let offset = view.getUint32(8)
  for (;;) {
    const kind = view.getUint32(offset)
    offset += 4
    if (kind === token.beginNode) {
      const name = cString(bytes, offset)
      offset = aligned(offset + new TextEncoder().encode(name).length + 1)
      path.push(name)
    } else if (kind === token.endNode) path.pop()
    else if (kind === token.property) {
      const sizeBytes = view.getUint32(offset)
      const name = cString(bytes, strings + view.getUint32(offset + 4))
      if (path.slice(1).join('/') === node) names.push(name)
      offset = aligned(offset + 8 + sizeBytes)
    } else if (kind === token.end) return names
    else if (kind !== token.nop) throw new RangeError(`this is no token of a device tree: ${kind}`)
  }
}

/**
 * Parameters that a device tree or overlay takes: the names below `/__overrides__` (raspberrypi.com/documentation, "Device
 * Trees, overlays, and parameters"). A tree of the kernel's own has none.
 */
export const deviceTreeParameters = (bytes: Uint8Array): readonly string[] =>
  propertiesOf(bytes, '__overrides__').filter((name) => name !== 'phandle' && name !== 'linux,phandle')
