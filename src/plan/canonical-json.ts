import { sha256Hex } from './hash.ts'

/**
 * JSON text that depends on the value alone: keys sorted by code unit, no white space, absent and undefined the same.
 * `{b: 1, a: [true]}` -> `{"a":[true],"b":1}`
 */
export const canonicalJson = (value: unknown): string => {
  const text = write(value, '')
  if (text === undefined) throw new TypeError('undefined has no JSON form')
  return text
}

/** Identity of a value: sha256 over its canonical JSON. */
export const idOf = (value: unknown): string => sha256Hex(canonicalJson(value))

const write = (value: unknown, path: string): string | undefined => {
  if (value === undefined) return undefined
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${path || 'value'} is not a finite number`)
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) {
    return `[${value.map((item, index) => write(item, `${path}[${index}]`) ?? 'null').join(',')}]`
  }
  if (typeof value === 'object') return writeObject(value, path)
  throw new TypeError(`${path || 'value'} is a ${typeof value}, which has no JSON form`)
}

const writeObject = (value: object, path: string): string => {
  const members: string[] = []
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  for (const [key, member] of entries) {
    const text = write(member, `${path}.${key}`)
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`)
  }
  return `{${members.join(',')}}`
}
