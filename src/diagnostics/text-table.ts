const kib = 1024
const mib = 1024 * 1024

/** `512 B`, `1.4 KiB`, `212 MiB`. */
export const humanSize = (bytes: number): string => {
  if (bytes < kib) return `${bytes} B`
  if (bytes < mib) return `${(bytes / kib).toFixed(1)} KiB`
  const inMib = bytes / mib
  return `${inMib < 10 ? inMib.toFixed(1) : Math.round(inMib)} MiB`
}

/** Lines of columns as wide as their widest cell, two spaces apart, indented by two. */
export const textTable = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = rows.reduce<readonly number[]>(
    (known, row) => row.map((cell, index) => Math.max(known[index] ?? 0, cell.length)),
    [],
  )
  return rows.map((row) =>
    `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd(),
  )
}
