import type { Code } from '../../diagnostics/codes.ts'
import { EnvironmentFault } from '../../diagnostics/fault.ts'
import type { SigningAuthority } from './signing-authority.ts'

/** The key of the profile below `cluster.pki.<role>` that a fault is about. */
export type AuthorityPart = 'cert' | 'key' | 'p12' | 'password'

export type AuthorityFault = (
  code: Code,
  part: AuthorityPart,
  message: string,
  help: string,
) => EnvironmentFault

/** Faults of one authority, each at its line of the profile. None shows a key or a password. */
export const authorityFaults =
  (role: SigningAuthority['role']): AuthorityFault =>
  (code, part, message, help) =>
    new EnvironmentFault(message, help, { code, at: ['cluster', 'pki', role, part] })
