/** Numbers one after the other that are free, for payload, seed and data; the first of them: behind all others where there is room. */
export const freeNumbers = (used: readonly number[], entries: number): number | undefined => {
  const behind = Math.max(0, ...used) + 1
  const candidates = [behind, ...Array.from({ length: entries }, (_, index) => index + 1)]
  return candidates.find((first) =>
    [first, first + 1, first + 2].every((number) => number <= entries && !used.includes(number)),
  )
}
