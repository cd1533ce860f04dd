import { certificateAuthorities } from '../../plan/build-plan.ts'
import { nodePassword } from '../node-password.ts'
import type { StateDocument } from './state-file.ts'

/** A secret of the cluster under a name that may be shown, such as `token/server`. */
export interface NamedValue {
  readonly name: string
  readonly value: string
}

const keys = ({ pki, clients }: StateDocument): readonly NamedValue[] => [
  ...certificateAuthorities.map((name) => ({ name: `pki/${name}.key`, value: pki.authorities[name].key })),
  ...(['root', 'intermediate'] as const).flatMap((name) => {
    const key = pki[name]?.key
    return key == null ? [] : [{ name: `pki/${name}.key`, value: key }]
  }),
  { name: 'pki/service.key', value: pki.serviceKey },
  ...clients.map(({ user, key }) => ({ name: `client-key/${user}`, value: key })),
]

/**
 * Every secret that a state holds or that derives from it for these nodes: what no image, record or log may hold outside its
 * place. Tokens as their passwords alone, which is what makes them secret. Names are those of StateReference where there
 * is one. Never print a value.
 */
export const stateSecrets = (state: StateDocument, nodeNames: readonly string[]): readonly NamedValue[] => [
  ...keys(state),
  { name: 'token/server', value: state.tokens.server },
  { name: 'token/agent', value: state.tokens.agent },
  ...state.bootstrapTokens.map(({ node, secret }) => ({ name: `token/bootstrap/${node}`, value: secret })),
  { name: 'cluster-secret', value: state.clusterSecret },
  ...nodeNames.map((node) => ({
    name: `node-password/${node}`,
    value: nodePassword(state.clusterSecret, node),
  })),
]
