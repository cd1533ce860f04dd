/** Damerau-Levenshtein (adjacent swaps count once), cut off at `limit` for speed on long texts. */
const distance = (a: string, b: string, limit: number): number => {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforePrevious[j - 2] ?? 0) + 1)
      }
      current.push(best)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.length] ?? limit + 1
}

/** The nearest of the known words, when it is near enough to be what was meant: `adress` -> `address`. */
export const suggest = (word: string, known: readonly string[]): string | undefined => {
  const wanted = word.toLowerCase()
  if (wanted.length > 64) return undefined
  const limit = wanted.length <= 3 ? 1 : wanted.length <= 7 ? 2 : 3
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of known) {
    const found = distance(wanted, candidate.toLowerCase(), limit)
    if (found < bestDistance && found < Math.max(wanted.length, candidate.length)) {
      best = candidate
      bestDistance = found
    }
  }
  return best
}

/** `did you mean `x`?`, else a list of what is known when it is short. */
export const suggestionHelp = (word: string, known: readonly string[]): string | undefined => {
  const near = suggest(word, known)
  if (near !== undefined) return `did you mean \`${near}\`?`
  return known.length > 0 && known.length <= 12 ? `known: ${known.join(', ')}` : undefined
}
