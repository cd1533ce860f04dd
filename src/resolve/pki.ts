import { takesCaChains } from '../profile/k3s-features.ts'
import type { Profile } from '../profile/schema.ts'
import type { ProfileSecret } from './secret-source.ts'
import { profileSecret } from './secret-source.ts'

/** A file of the user's that holds CA certificates and the key of the first. Paths are relative to the profile. */
export type AuthoritySource =
  | { readonly kind: 'pem'; readonly certificates: string; readonly key: ProfileSecret }
  | { readonly kind: 'pkcs12'; readonly file: string; readonly password: ProfileSecret | null }

export interface PkiPlan {
  /** `chain`: root, intermediate, issuing CAs; `self-signed`: for releases of k3s that cannot take a chain. */
  readonly form: 'chain' | 'self-signed'
  /** A root or intermediate of the user's own above the issuing CAs. */
  readonly authority: { readonly role: 'root' | 'intermediate'; readonly source: AuthoritySource } | null
}

const resolveAuthority = (pki: Profile['cluster']['pki']): PkiPlan['authority'] => {
  for (const role of ['root', 'intermediate'] as const) {
    const written = pki?.[role]
    if (written === undefined) continue
    const at = `cluster.pki.${role}`
    const { cert, key, p12, password } = written
    if (p12 !== undefined) {
      const secret = password === undefined ? null : profileSecret(`${at}.password`, password)
      return { role, source: { kind: 'pkcs12', file: p12, password: secret } }
    }
    if (cert !== undefined && key !== undefined) {
      return { role, source: { kind: 'pem', certificates: cert, key: profileSecret(`${at}.key`, key) } }
    }
    throw new Error('an authority without a certificate or key passed validation')
  }
  return null
}

/** The form of a cluster's certificates follows from its release of k3s alone. */
export const resolvePki = ({ cluster }: Profile): PkiPlan => ({
  form: takesCaChains(cluster.k3s.version) ? 'chain' : 'self-signed',
  authority: resolveAuthority(cluster.pki),
})
