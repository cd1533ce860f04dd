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
  const before = file.text.slice(0, Math.min(offset, file.text.length))
  const lineStart = before.lastIndexOf('\n') + 1
  let line = 1
  for (let at = before.indexOf('\n'); at !== -1; at = before.indexOf('\n', at + 1)) line += 1
  return { line, column: before.length - lineStart + 1 }
}

/** The text of a 1-based line without its line break; empty past the end. */
export const lineText = (file: SourceFile, line: number): string =>
  file.text.split('\n', line)[line - 1]?.replace(/\r$/, '') ?? ''
