/** As much of ASN.1 DER as certificates and signing requests need. */

export interface DerValue {
  readonly tag: number
  readonly content: Buffer
  /** The whole encoding: tag, length and content. */
  readonly raw: Buffer
}

export function readDer(bytes: Buffer, offset = 0): DerValue {
  const tag = bytes[offset]
  let length = bytes[offset + 1]
  if (tag === undefined || length === undefined) throw new Error('asn1: syntax error: data truncated')
  let start = offset + 2
  if (length & 0x80) {
    const count = length & 0x7f
    if (count === 0 || count > 4) throw new Error('asn1: structure error: length too large')
    if (start + count > bytes.length) throw new Error('asn1: syntax error: data truncated')
    length = bytes.readUIntBE(start, count)
    start += count
  }
  const end = start + length
  if (end > bytes.length) throw new Error('asn1: syntax error: data truncated')
  return { tag, content: bytes.subarray(start, end), raw: bytes.subarray(offset, end) }
}

export function readChildren(content: Buffer): DerValue[] {
  const values: DerValue[] = []
  for (let offset = 0; offset < content.length; ) {
    const value = readDer(content, offset)
    values.push(value)
    offset += value.raw.length
  }
  return values
}

export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content])
}

export const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts)
export const set = (...parts: readonly Buffer[]): Buffer => der(0x31, ...parts)
export const octets = (content: Buffer): Buffer => der(0x04, content)
export const bits = (content: Buffer, unused = 0): Buffer => der(0x03, Buffer.from([unused]), content)
export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text))
export const boolean = (value: boolean): Buffer => der(0x01, Buffer.from([value ? 0xff : 0]))

/** A positive integer from its big-endian bytes. */
export function integer(bytes: Buffer): Buffer {
  let first = 0
  while (first < bytes.length - 1 && bytes[first] === 0) first++
  const trimmed = bytes.subarray(first)
  return (trimmed[0] ?? 0) & 0x80 ? der(0x02, Buffer.from([0]), trimmed) : der(0x02, trimmed)
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const part of rest) {
    const groups = [part & 0x7f]
    for (let value = part >>> 7; value > 0; value >>>= 7) groups.unshift((value & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return der(0x06, Buffer.from(bytes))
}

/** UTCTime up to 2049, GeneralizedTime after, as RFC 5280 demands. */
export function time(date: Date): Buffer {
  const text = date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '')
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text))
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes: number[] = []
  for (let value = length; value > 0; value = Math.floor(value / 256)) bytes.unshift(value % 256)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}
