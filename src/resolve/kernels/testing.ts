/** Nodes of a device tree by their path without the first slash, with the names of their properties. */
export type TreeNodes = Readonly<Record<string, readonly string[]>>

const word = (value: number): readonly number[] => [
  (value >>> 24) & 255,
  (value >>> 16) & 255,
  (value >>> 8) & 255,
  value & 255,
]

const padded = (text: string): readonly number[] => {
  const bytes = [...new TextEncoder().encode(text), 0]
  return [...bytes, ...Array.from({ length: (4 - (bytes.length % 4)) % 4 }, () => 0)]
}

/** A flattened device tree whose properties are all one word (Devicetree Specification v0.4, chapter 5). */
export const deviceTreeOf = (nodes: TreeNodes): Uint8Array => {
  const names = Object.values(nodes).flat()
  const strings = names.flatMap((name) => [...new TextEncoder().encode(name), 0])
  let next = 0
  const nodeBytes = Object.entries(nodes).flatMap(([name, properties]) => [
    ...[...word(1), ...padded(name)],
    ...properties.flatMap((property) => {
      const at = next
      next += property.length + 1
      return [...word(3), ...word(4), ...word(at), ...word(0xcafe), ...word(4)]
    }),
    ...word(2),
  ])
  const structure = [...word(1), ...padded(''), ...nodeBytes, ...word(2), ...word(9)]
  const header = [0xd00dfeed, 40 + structure.length + strings.length, 40, 40 + structure.length]
  return Uint8Array.from([
    ...header.flatMap(word),
    ...[40, 17, 16, 0, strings.length, structure.length].flatMap(word),
    ...structure,
    ...strings,
  ])
}

/** What of a kernel for arm64 is looked at: magic and flags of its header. */
export const kernelHeader = (flags: number): Uint8Array => {
  const image = new Uint8Array(4096)
  const view = new DataView(image.buffer)
  view.setUint32(24, flags, true)
  view.setUint32(56, 0x644d5241, true)
  return image
}
