/** One entry of the catalogue: `appliance explain CODE` prints it, docs/errors.md is made from it. */
export interface CodeEntry {
  readonly title: string
  /** Markdown: what it means, why it is a fault, how to mend it. */
  readonly explanation: string
}
