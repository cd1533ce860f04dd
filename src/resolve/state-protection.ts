import type { Profile } from '../profile/schema.ts'
import type { ProfileSecret } from './secret-source.ts'
import { profileSecret } from './secret-source.ts'

/** How the cluster state is kept; null secrets are asked for by the well-known variables or at the terminal. */
export type StateProtection =
  | { readonly kind: 'plain' }
  | { readonly kind: 'passphrase'; readonly passphrase: ProfileSecret | null }
  | {
      readonly kind: 'recipients'
      /** age recipients: `age1...`. */
      readonly recipients: readonly string[]
      readonly identity: ProfileSecret | null
    }

/** Encrypted with a passphrase unless the profile says otherwise. */
export const resolveStateProtection = ({ cluster: { state = {} } }: Profile): StateProtection => {
  const { encryption, recipients, identity, passphrase } = state
  if (encryption === 'none') return { kind: 'plain' }
  if (recipients !== undefined)
    return {
      kind: 'recipients',
      recipients,
      identity: identity === undefined ? null : profileSecret('cluster.state.identity', identity),
    }
  return {
    kind: 'passphrase',
    passphrase: passphrase === undefined ? null : profileSecret('cluster.state.passphrase', passphrase),
  }
}
