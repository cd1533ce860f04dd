/** The whole list: templates may loop and choose, never compute. */
export const helpers = {
  /** A word of a POSIX shell, whatever it holds: `it's` becomes `'it'\''s'`. */
  sh: (value: unknown): string => {
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new Error(`{{sh}} needs a text or a number, not ${value === null ? 'null' : typeof value}`)
    }
    return `'${String(value).replaceAll("'", `'\\''`)}'`
  },
} as const satisfies Readonly<Record<string, (value: unknown) => string>>
