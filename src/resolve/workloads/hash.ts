import { createHash } from 'node:crypto'

/** Lower-case hex. Tells contents apart; no secret is hashed. */
export const hashOf = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')

/** One hash for files by their names. */
export const treeHash = (files: readonly { readonly name: string; readonly sha256: string }[]): string =>
  hashOf(
    files
      .map(({ name, sha256 }) => `${sha256}  ${name}\n`)
      .toSorted()
      .join(''),
  )

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

/** Equal for equal values, whatever the order of their keys. */
export const valueHash = (value: unknown): string => hashOf(JSON.stringify(sorted(value)))
