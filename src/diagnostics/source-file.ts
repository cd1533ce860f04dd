/** A text the user wrote, with the arithmetic from offsets to lines and columns. */
export interface SourceFile {
  /** As the user named it; printed in diagnostics. */
  readonly path: string
  readonly text: string
}

/** Half-open range of UTF-16 offsets in one file. */
export interface SourceRange {
  readonly file: SourceFile
  readonly start: number
  readonly end: number
}

/** 1-based line and column of an offset. */
export interface LineColumn {
  readonly line: number
  readonly column: number
}

export const lineColumnOf = (file: SourceFile, offset: number): LineColumn => {
  const starts = lineStartsOf(file)
  const at = Math.max(0, Math.min(offset, file.text.length))
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= at) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: at - (starts[low] ?? 0) + 1 }
}

const knownStarts = new WeakMap<SourceFile, readonly number[]>()

/** Offsets where lines begin; kept for each file, since a file may have thousands of faults. */
const lineStartsOf = (file: SourceFile): readonly number[] => {
  const known = knownStarts.get(file)
  if (known !== undefined) return known
  const starts = [0]
  for (let at = file.text.indexOf('\n'); at !== -1; at = file.text.indexOf('\n', at + 1)) starts.push(at + 1)
  knownStarts.set(file, starts)
  return starts
}

/** The text of a 1-based line without its line break; empty past the end. */
export const lineText = (file: SourceFile, line: number): string =>
  file.text
    .slice(lineStartsOf(file)[line - 1] ?? file.text.length, lineStartsOf(file)[line] ?? file.text.length)
    .replace(/\r?\n$|\r$/, '')
