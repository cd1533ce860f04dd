/** Two numbers one after the other that are free, the payload's the first: behind all others where there is room. */
export const freeNumbers = (used: readonly number[], entries: number): number | undefined => {
  const behind = Math.max(0, ...used) + 1
  const candidates = [behind, ...Array.from({ length: entries }, (_, index) => index + 1)]
  return candidates.find(
    (first) => first + 1 <= entries && !used.includes(first) && !used.includes(first + 1),
  )
}
