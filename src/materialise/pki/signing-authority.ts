import type { KeyObject } from 'node:crypto'

/** A root or intermediate of the user's own, checked and ready to sign. Lives for one run: its key is never kept. */
export interface SigningAuthority {
  readonly role: 'root' | 'intermediate'
  /** PEM, one certificate each: the authority's own first, each next one its issuer, the root last. */
  readonly certificates: readonly string[]
  /** Shows nothing of itself when it is printed. */
  readonly key: KeyObject
}
