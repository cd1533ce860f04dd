import { registerSecret } from '../host/redaction.ts'
import type { ProfileSecret } from '../plan/build-plan.ts'

/**
 * A value that must not be seen. Printing, joining, serialising and inspecting it give a placeholder; only `reveal` gives
 * the bytes, and only what writes them to their place calls it. From its making on, no output of the process shows it either.
 */
export class Secret {
  readonly #bytes: Uint8Array

  /** `composed`: a file around secrets that are known already; its other lines are no secret. */
  constructor(content: string | Uint8Array, kind: 'value' | 'composed' = 'value') {
    this.#bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    if (kind === 'value') registerSecret(content)
  }

  /** The bytes. Pass them to the file they belong in and nowhere else. */
  reveal(): Uint8Array {
    return this.#bytes
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]'
  }
}

/** Reads a secret where the profile says that it is. Each source is read once per run; no fault shows a value. */
export type ReadSecret = (secret: ProfileSecret) => Promise<Secret>
