/** How many characters at the start of a pattern find it. */
const keyLength = 5

const mask = 0xffff

/** Of five characters, in a few operations: it is computed for each character of what is printed. */
const hashAt = (text: string, at: number): number => {
  const first = Math.imul(text.charCodeAt(at), 0x9e3779b1) ^ Math.imul(text.charCodeAt(at + 1), 0x85ebca6b)
  const second =
    Math.imul(text.charCodeAt(at + 2), 0xc2b2ae35) ^ Math.imul(text.charCodeAt(at + 3), 0x27d4eb2f)
  const mixed = first ^ (second >>> 3) ^ Math.imul(text.charCodeAt(at + 4), 0x165667b1)
  return (mixed ^ (mixed >>> 15)) & mask
}

export interface PatternTable {
  /** Patterns of fewer than five characters are not taken. */
  readonly add: (pattern: string) => void
  /** Replaces every pattern, the longest first where several begin; what touches or overlaps becomes one replacement. */
  readonly replace: (text: string, by: string) => string
}

/**
 * Finds any of many thousands of texts in one pass: a bitmap by the hash of five characters says for nearly every place
 * that nothing begins there.
 */
export const createPatternTable = (): PatternTable => {
  const bitmap = new Uint8Array(mask + 1)
  const byKey = new Map<string, string[]>()

  const longestAt = (text: string, at: number): number => {
    const patterns = byKey.get(text.slice(at, at + keyLength)) ?? []
    return patterns.reduce(
      (longest, pattern) =>
        pattern.length > longest && text.startsWith(pattern, at) ? pattern.length : longest,
      0,
    )
  }

  return {
    add: (pattern) => {
      if (pattern.length < keyLength) return
      const key = pattern.slice(0, keyLength)
      const known = byKey.get(key)
      if (known === undefined) byKey.set(key, [pattern])
      else if (!known.includes(pattern)) known.push(pattern)
      else return
      bitmap[hashAt(pattern, 0)] = 1
    },
    replace: (text, by) => {
      if (byKey.size === 0) return text
      const parts: string[] = []
      let kept = 0
      let hiddenUntil = 0
      for (let at = 0; at + keyLength <= text.length; at += 1) {
        if (bitmap[hashAt(text, at)] === 0) continue
        const length = longestAt(text, at)
        if (length === 0) continue
        if (at > hiddenUntil || hiddenUntil === 0) {
          parts.push(text.slice(kept, at), by)
        }
        hiddenUntil = Math.max(hiddenUntil, at + length)
        kept = hiddenUntil
      }
      if (parts.length === 0) return text
      parts.push(text.slice(kept))
      return parts.join('')
    },
  }
}
