/** One entry of the catalogue: `appliance explain CODE` prints it, docs/errors.md is made from it. */
export interface CodeEntry {
  readonly title: string
  /** Markdown: what it means, why it is a fault, how to mend it. */
  readonly explanation: string
}

/** P: text and shape. R: rules. L: lock. B: build. V: verify and proof. */
export const codes = {
  P0001: {
    title: 'profile cannot be read',
    explanation: 'The file is missing, unreadable, a directory or too large.',
  },
} as const satisfies Record<string, CodeEntry>

export type Code = keyof typeof codes
